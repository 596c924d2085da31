import { recipientOf } from '../audiences.ts'
import type { DataPlane, DataRequest } from '../data-plane.ts'
import { dataScope } from '../data-services.ts'
import { guard } from '../errors.ts'
import { type HttpResponse, sendHttpRequest } from '../http-request.ts'
import { isRecipient, refusal } from '../recipients.ts'
import { responseError } from '../response-error.ts'
import type { ArmContext } from './arm-context.ts'

const timeout = 30_000

export const makeDataPlane = (arm: ArmContext): DataPlane => ({
  async probe(request, token) {
    // Only who grants access to messages pays for the library.
    const { probeMessaging } = await import('./messaging.ts')
    return probeMessaging(arm, request, token)
  },
  async logIn(request, token) {
    // The same for who grants access to databases.
    const { logInToDatabase } = await import('../databases/login.ts')
    return logInToDatabase(arm, request, token)
  },
  send: (request, token) =>
    guard(
      request.service,
      arm.signal,
    )(async () => {
      const { cloud, http } = arm
      const { service, url, method = 'GET', headers = {}, body } = request
      const authorization = request.authorization ? request.authorization(token) : `Bearer ${token}`
      const recipient = recipientOf(cloud, [dataScope(cloud, service)])
      if (authorization !== undefined) http.credentials.bind(authorization, recipient)
      else if (!isRecipient(recipient, url))
        throw refusal(`The token for ${recipient.service}`, [recipient], url)
      const response = await sendHttpRequest(http, {
        method,
        url,
        headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
        ...(body === undefined ? {} : { body }),
        signal: arm.signal,
        timeout,
        isDocument: true,
      })
      if (response.status >= 200 && response.status < 300) return response
      throw dataError(service, response)
    }),
})

/** Returns the error of a service, which may be XML, OData's JSON or nothing. */
function dataError(service: DataRequest['service'], response: HttpResponse) {
  const { status, text, header } = response
  const xml = (name: string) => new RegExp(`<${name}>([^<]{0,2000})`).exec(text)?.[1]?.trim()
  const isXml = /^\s{0,9}(?:\uFEFF)?</.test(text)
  const fallback = isXml
    ? { code: xml('Code') ?? header('x-ms-error-code'), message: xml('Message') ?? xml('Detail') }
    : { code: header('x-ms-error-code') }
  return responseError(service, { status, text: isXml ? '' : namedError(text), header }, fallback)
}

/** Returns the body with the error where other services have it: of OData, of a registry or of RFC 7807. */
function namedError(text: string): unknown {
  try {
    const body = JSON.parse(text)
    const error = body['odata.error']
    if (error) return { code: error.code, message: error.message?.value }
    if (Array.isArray(body.errors)) return body.errors[0]
    const problem = /\/errors\/([\w-]{1,100})$/.exec(String(body.type ?? ''))?.[1]
    return problem ? { code: problem, message: body.detail ?? body.title } : text
  } catch {
    return text
  }
}
