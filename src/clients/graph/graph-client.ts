import type { TokenCredential } from '@azure/core-auth'
import type { HttpMethods } from '@azure/core-rest-pipeline'
import type { Client, Context, Middleware } from '@microsoft/microsoft-graph-client'
import type { Cloud } from '../cloud.ts'
import type { Http } from '../http.ts'
import { sendHttpRequest } from '../http-request.ts'

/** Microsoft's Graph client, sending through our HTTP client, which also repeats. */
export async function makeGraphClient(of: {
  cloud: Cloud
  credential: TokenCredential
  http: Http
  signal: AbortSignal
}): Promise<Client> {
  const { Client, GraphClientError } = await import('@microsoft/microsoft-graph-client')
  const origin = new URL(of.cloud.graph).origin

  const send = async (context: Context): Promise<Response> => {
    const url = String(context.request)
    // Its own handler would leave the token out for hosts that it doesn't know; ours goes to the cloud's only.
    if (new URL(url).origin !== origin) throw new Error(`${url} is not at ${origin}`)
    const { token } = (await of.credential.getToken(of.cloud.graphScope, { enableCae: true })) ?? {
      token: '',
    }
    const { method = 'GET', body, headers } = context.options ?? {}
    const answer = await sendHttpRequest(of.http, {
      method: method as HttpMethods,
      url,
      headers: {
        ...(headers as Record<string, string>),
        accept: 'application/json',
        authorization: `Bearer ${token}`,
      },
      signal: of.signal,
      ...(typeof body === 'string' ? { body } : {}),
    })
    if (answer.status < 300 && answer.text) JSON.parse(answer.text)
    const kept = ['content-type', 'retry-after', 'request-id', 'location']
    const present = kept.flatMap((name) => {
      const value = answer.header(name)
      return value === undefined ? [] : [[name, value] as [string, string]]
    })
    return new Response(answer.status === 204 ? null : answer.text, {
      status: answer.status,
      headers: present,
    })
  }

  const last: Middleware = {
    async execute(context) {
      try {
        context.response = await send(context)
      } catch (error) {
        // Any other class of error would be copied into a new one, without its code.
        throw Object.assign(new GraphClientError(String(error)), { customError: error })
      }
    },
  }
  return Client.initWithMiddleware({
    middleware: last,
    baseUrl: `${of.cloud.graph}/`,
    defaultVersion: 'v1.0',
  })
}
