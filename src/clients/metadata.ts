import { withoutTrailingSlash } from '../base/trailing-slash.ts'
import { type Cloud, clouds } from './cloud.ts'
import { cloudFromDocument } from './cloud-document.ts'
import { guard } from './errors.ts'
import type { Http } from './http.ts'
import { sendHttpRequest } from './http-request.ts'
import { responseError } from './response-error.ts'
import { ServiceError } from './service-error.ts'

/**
 * Returns the cloud of a resource manager. Throws `ServiceError` with the code `NotACloud` if the address has no
 * metadata document of a cloud, or one that names services of others.
 */
export async function fetchCloud(options: {
  arm: string
  /** The login endpoint that the user chose (AZURE_AUTHORITY_HOST). */
  authorityHost?: string | undefined
  http: Http
  signal: AbortSignal
}): Promise<Cloud> {
  const { http, signal, authorityHost } = options
  const arm = withoutTrailingSlash(options.arm)
  const wellKnown = Object.values(clouds).find((cloud) => new URL(cloud.arm).origin === new URL(arm).origin)
  if (wellKnown) return wellKnown
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
      isDocument: true,
    })
    if (response.status !== 200) throw responseError('arm', response)
    try {
      return cloudFromDocument(arm, JSON.parse(response.text.replace(/^\uFEFF/, '')), authorityHost)
    } catch (error) {
      throw new ServiceError({
        service: 'arm',
        code: 'NotACloud',
        message: `${arm} returned no usable cloud metadata document: ${(error as Error).message}`,
        cause: error,
      })
    }
  })
}
