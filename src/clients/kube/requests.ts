import type { HttpMethods } from '@azure/core-rest-pipeline'
import { guard } from '../errors.ts'
import { type HttpResponse, sendHttpRequest } from '../http-request.ts'
import { lazy } from '../lazy.ts'
import { makeAksErrors } from './aks-errors.ts'
import { type ApiServer, type ApiServerOptions, type Authorization, findApiServer } from './api-server.ts'
import { statusError } from './status.ts'

const defaultTimeout = 30_000

export interface RequestOptions {
  body?: unknown
  contentType?: string
  accept?: string
  /** Cancels the request (default: the run's signal). */
  signal?: AbortSignal
  /** Sends the request without retries. */
  once?: boolean
  /** In ms. */
  timeout?: number
}

/** The requests of one cluster's client. */
export interface KubeRequests {
  /** Returns the connection, which is created on first use. */
  apiServer(): Promise<ApiServer>
  /** Returns the response for any status. */
  send(method: HttpMethods, path: string, options?: RequestOptions): Promise<HttpResponse>
  /** Returns the parsed body. Throws `ServiceError` for a status other than 2xx. */
  call<T>(method: HttpMethods, path: string, options?: RequestOptions): Promise<T>
}

export function makeKubeRequests(options: ApiServerOptions): KubeRequests {
  const { http } = options
  const connection = lazy(() => findApiServer(options))
  const guarded = guard('kubernetes', options.signal)
  const aksErrors = makeAksErrors(options)

  const send: KubeRequests['send'] = (method, path, requestOptions = {}) => {
    const { body, contentType = 'application/json', signal = options.signal, once = false } = requestOptions
    const { accept = 'application/json', timeout = defaultTimeout } = requestOptions
    const request = guard('kubernetes', signal)
    const attempt = () =>
      request(async () => {
        const { server, allowHttp, authorize } = await connection()
        const sendAs = ({ headers, agent }: Authorization) =>
          sendHttpRequest(http, {
            method,
            url: `${server}${path}`,
            headers: { accept, ...headers, ...(body === undefined ? {} : { 'content-type': contentType }) },
            agent,
            allowHttp,
            signal,
            timeout,
            once,
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          })
        const authorization = await authorize()
        const response = await sendAs(authorization)
        if (response.status !== 401 || !authorization.discard) return response
        authorization.discard()
        return sendAs(await authorize())
      })
    return aksErrors.whileBlocked(attempt)
  }

  return {
    apiServer: () => guarded(connection),
    send,
    async call(method, path, requestOptions) {
      return guard(
        'kubernetes',
        requestOptions?.signal ?? options.signal,
      )(async () => {
        const response = await send(method, path, requestOptions)
        if (response.status < 200 || response.status > 299) throw aksErrors.withCluster(statusError(response))
        return JSON.parse(response.text || '{}')
      })
    },
  }
}
