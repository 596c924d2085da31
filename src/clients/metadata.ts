import { type Cloud, cloudFromMetadata } from './cloud.ts'
import { guard, responseError } from './errors.ts'
import type { Http } from './http.ts'
import { sendHttpRequest } from './http-request.ts'
import { ServiceError } from './service-error.ts'

/** Reads a cloud from the address of its resource manager. Throws `ServiceError` (`NotACloud` if no such document is there). */
export function fetchCloud(of: { arm: string; http: Http; signal: AbortSignal }): Promise<Cloud> {
  const arm = of.arm.replace(/\/+$/, '')
  return guard(
    'arm',
    of.signal,
  )(async () => {
    const answer = await sendHttpRequest(of.http, {
      method: 'GET',
      url: `${arm}/metadata/endpoints?api-version=2022-09-01`,
      headers: { accept: 'application/json' },
      signal: of.signal,
      timeout: 15_000,
    })
    if (answer.status !== 200)
      throw responseError('arm', { status: answer.status, text: answer.text, header: answer.header })
    try {
      return cloudFromMetadata(arm, JSON.parse(answer.text.replace(/^\uFEFF/, '')))
    } catch (error) {
      throw new ServiceError({
        service: 'arm',
        code: 'NotACloud',
        message: `${arm} serves no metadata document of a cloud: ${(error as Error).message}`,
        cause: error,
      })
    }
  })
}
