import { withoutTrailingSlash } from '../../base/trailing-slash.ts'
import type { DataRequest } from '../data-plane.ts'
import { dataScope } from '../data-services.ts'
import { undefinedIfNotFound } from '../errors.ts'
import type { Websites } from '../websites.ts'
import type { ArmContext } from './arm-context.ts'
import { makeDataPlane } from './data-plane.ts'

const version = '2024-11-04'

const blobUrl = (endpoint: string, path: string) =>
  `${withoutTrailingSlash(endpoint)}/%24web/${path.split('/').map(encodeURIComponent).join('/')}`

export function makeWebsites(arm: ArmContext): Websites {
  const dataPlane = makeDataPlane(arm)
  /** Sends a request with the caller's own token. */
  const send = async (request: Omit<DataRequest, 'service'>) => {
    const signedIn = await arm.guard(() => arm.credential.getToken(dataScope(arm.cloud, 'storage')))
    const headers = { 'x-ms-version': version, ...request.headers }
    return dataPlane.send({ ...request, service: 'storage', headers }, signedIn!.token)
  }
  return {
    read: (endpoint, path) =>
      undefinedIfNotFound(
        send({ url: blobUrl(endpoint, path) }).then(({ text, header }) => ({
          text,
          contentType: header('content-type') ?? '',
          cacheControl: header('cache-control') ?? '',
        })),
      ),
    async write(endpoint, path, { text, contentType, cacheControl }) {
      const headers = {
        'x-ms-blob-type': 'BlockBlob',
        'x-ms-blob-content-type': contentType,
        'x-ms-blob-cache-control': cacheControl,
        'content-type': contentType,
      }
      await send({ method: 'PUT', url: blobUrl(endpoint, path), headers, body: text })
    },
  }
}
