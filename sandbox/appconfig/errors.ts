import { RejectedRequest } from '../data-plane.ts'

const errorPages = 'https://azconfig.io/errors'

/** Returns a rejection whose body follows RFC 7807. */
export const problem = (status: number, type: string, title: string, more: Record<string, unknown> = {}) =>
  new RejectedRequest({
    status,
    headers: { 'content-type': 'application/problem+json; charset=utf-8' },
    body: { type: `${errorPages}/${type}`, title, status, ...more },
  })

export const unauthorized = (description: string, error = 'invalid_token') =>
  new RejectedRequest({
    status: 401,
    headers: {
      'www-authenticate': `HMAC-SHA256, Bearer error="${error}", error_description="${description}"`,
    },
  })

/** A caller without a role gets no explanation. */
export const forbidden = () => new RejectedRequest({ status: 403 })
