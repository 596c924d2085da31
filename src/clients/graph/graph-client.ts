import type { TokenCredential } from '@azure/core-auth'
import type { HttpMethods } from '@azure/core-rest-pipeline'
import type { Client, Context, Middleware } from '@microsoft/microsoft-graph-client'
import type { Cloud } from '../cloud.ts'
import type { Http } from '../http.ts'
import { sendHttpRequest } from '../http-request.ts'

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
  // Throws on a truncated response.
  if (response.status < 300 && response.text) JSON.parse(response.text)
  const responseHeaders = forwardedHeaders.flatMap((name): [string, string][] => {
    const value = response.header(name)
    return value === undefined ? [] : [[name, value]]
  })
  return new Response(response.status === 204 ? null : response.text, {
    status: response.status,
    headers: responseHeaders,
  })
}
