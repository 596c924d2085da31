import type { TokenCredential } from '@azure/core-auth'
import type { HttpMethods } from '@azure/core-rest-pipeline'
import type { Client, Context, Middleware } from '@microsoft/microsoft-graph-client'
import type { Cloud } from '../cloud.ts'
import type { Http } from '../http.ts'
import { type HttpResponse, sendHttpRequest } from '../http-request.ts'
import { requestIdOf } from '../response-error.ts'
import { ServiceError } from '../service-error.ts'

export interface GraphOptions {
  cloud: Cloud
  credential: TokenCredential
  http: Http
  signal: AbortSignal
}

const forwardedHeaders = ['content-type', 'retry-after', 'request-id', 'location']

/** Returns Microsoft's Graph client, which sends requests through our HTTP client. */
export async function makeGraphClient(options: GraphOptions): Promise<Client> {
  const { Client, GraphClientError } = await import('@microsoft/microsoft-graph-client')
  const middleware: Middleware = {
    async execute(context) {
      try {
        context.response = await send(context, options)
      } catch (error) {
        // The client copies any other class of error into a new one, without its code.
        throw Object.assign(new GraphClientError(String(error)), { customError: error })
      }
    },
  }
  return Client.initWithMiddleware({
    middleware,
    baseUrl: `${options.cloud.graph}/`,
    defaultVersion: 'v1.0',
  })
}

/** Error code for a document that ends with an error of Graph instead of the rest of its content. */
export const incompleteDocument = 'IncompleteDocument'

/** Throws on a truncated response. */
function requireJson(url: string, { status, text, header }: HttpResponse): void {
  try {
    JSON.parse(text)
  } catch (error) {
    const ending = text.slice(text.lastIndexOf('{"error":{') + 1)
    const reason = /^"error":\{"code":"(?<code>\w+)","message":"(?<message>(?:[^"\\]|\\.)*)"/.exec(
      ending,
    )?.groups
    if (!reason) throw error
    throw new ServiceError({
      service: 'graph',
      code: incompleteDocument,
      message: `Microsoft Graph returned an incomplete response to GET ${new URL(url).pathname} with the error ${reason.code}: ${reason.message}`,
      status,
      requestId: requestIdOf(header),
    })
  }
}

async function send(context: Context, options: GraphOptions): Promise<Response> {
  const { cloud, credential, http, signal } = options
  const url = String(context.request)
  const token = await credential.getToken(cloud.graphScope, { enableCae: true })
  const { method = 'GET', body, headers } = context.options ?? {}
  const response = await sendHttpRequest(http, {
    method: method as HttpMethods,
    url,
    headers: {
      ...(headers as Record<string, string>),
      accept: 'application/json',
      authorization: `Bearer ${token?.token ?? ''}`,
    },
    signal,
    ...(typeof body === 'string' ? { body } : {}),
  })
  if (response.status < 300 && response.text) requireJson(url, response)
  const responseHeaders = forwardedHeaders.flatMap((name): [string, string][] => {
    const value = response.header(name)
    return value === undefined ? [] : [[name, value]]
  })
  return new Response(response.status === 204 ? null : response.text, {
    status: response.status,
    headers: responseHeaders,
  })
}
