import { RejectedRequest } from '../data-plane.ts'

interface Scope {
  Type: string
  Name: string
  Action: string
}

const rejected = (
  status: number,
  error: { code: string; message: string; detail?: unknown },
  headers: Record<string, string> = {},
) => new RejectedRequest({ status, headers, body: { errors: [error] } })

const moreInformation =
  'authentication required, visit https://aka.ms/acr/authorization for more information.'

export const unauthorized = (message = moreInformation, correlation: string = crypto.randomUUID()) =>
  rejected(401, { code: 'UNAUTHORIZED', message: `${message} CorrelationId: ${correlation}` })

/** Returns the challenge of a request that has no access token, or none for what it needs. */
export function challenge(loginServer: string, scope: Scope | undefined, insufficient: boolean) {
  const wanted = scope
    ? `,scope="${scope.Type}:${scope.Name}:${scope.Action}"${insufficient ? ',error="insufficient_scope"' : ''}`
    : ''
  return rejected(
    401,
    { code: 'UNAUTHORIZED', message: moreInformation, detail: scope ? [scope] : null },
    {
      'www-authenticate': `Bearer realm="https://${loginServer}/oauth2/token",service="${loginServer}"${wanted}`,
    },
  )
}

export const denied = (address: string) =>
  rejected(403, {
    code: 'DENIED',
    message: `client with IP '${address}' is not allowed access. Refer https://aka.ms/acr/firewall to grant access.`,
  })

export const notFound = (
  code: 'NAME_UNKNOWN' | 'MANIFEST_UNKNOWN' | 'TAG_UNKNOWN' | 'BLOB_UNKNOWN',
  detail: unknown,
) =>
  rejected(404, {
    code,
    message: {
      NAME_UNKNOWN: 'repository name not known to registry',
      MANIFEST_UNKNOWN: 'manifest unknown',
      TAG_UNKNOWN: 'the specified tag does not exist',
      BLOB_UNKNOWN: 'blob unknown to registry',
    }[code],
    detail,
  })

export const badRequest = (message: string) => rejected(400, { code: 'BAD_REQUEST', message })

export const unsupported = (status: number) =>
  rejected(status, { code: 'UNSUPPORTED', message: 'The operation is unsupported.' })
