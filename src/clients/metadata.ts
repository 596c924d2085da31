import { type Cloud, cloudFromMetadata } from './cloud.ts'
import { guard } from './errors.ts'
import type { Http } from './http.ts'
import { sendHttpRequest } from './http-request.ts'
import { responseError } from './response-error.ts'
import { ServiceError } from './service-error.ts'

/**
 * Returns the cloud of a resource manager. Throws `ServiceError` with the code `NotACloud` if the address has no
 * metadata document of a cloud.
 */
export function fetchCloud(options: { arm: string; http: Http; signal: AbortSignal }): Promise<Cloud> {
  const { http, signal } = options
  const arm = options.arm.replace(/\/+$/, '')
  return guard(
    'arm',
    signal,
  )(async () => {
    const response = await sendHttpRequest(http, {
      method: 'GET',
      url: `${arm}/metadata/endpoints?api-version=2022-09-01`,
      headers: { accept: 'application/json' },
      signal,
      timeout: 15_000,
    })
    if (response.status !== 200) throw responseError('arm', response)
    try {
      return cloudFromMetadata(arm, JSON.parse(response.text.replace(/^\uFEFF/, '')))
    } catch (error) {
      throw new ServiceError({
        service: 'arm',
        code: 'NotACloud',
        message: `${arm} has no metadata document of a cloud: ${(error as Error).message}`,
        cause: error,
      })
    }
  })
}
