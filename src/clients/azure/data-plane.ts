import { recipientOf } from '../audiences.ts'
import type { DataPlane, DataRequest } from '../data-plane.ts'
import { dataScope } from '../data-services.ts'
import { guard } from '../errors.ts'
import { type HttpResponse, sendHttpRequest } from '../http-request.ts'
import { responseError } from '../response-error.ts'
import type { ArmContext } from './arm-context.ts'

const timeout = 30_000

export const makeDataPlane = ({ cloud, http, signal }: ArmContext): DataPlane => ({
  send: (request, token) =>
    guard(
      request.service,
      signal,
    )(async () => {
      const { service, url, method = 'GET', headers = {}, body } = request
      const authorization = request.authorization?.(token) ?? `Bearer ${token}`
      http.credentials.bind(authorization, recipientOf(cloud, [dataScope(cloud, service)]))
      const response = await sendHttpRequest(http, {
        method,
        url,
        headers: { ...headers, authorization },
        ...(body === undefined ? {} : { body }),
        signal,
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
  return responseError(service, { status, text: isXml ? '' : odataError(text), header }, fallback)
}

/** Returns the body with the error where other services have it. */
function odataError(text: string): unknown {
  try {
    const body = JSON.parse(text)
    const error = body['odata.error']
    return error ? { code: error.code, message: error.message?.value } : text
  } catch {
    return text
  }
}
