import { KubeError } from '../errors.ts'
import { type ApiResource, groupVersion } from '../objects/resources.ts'
import type { JsonObject, StoredObject } from '../state.ts'

const toLine = (type: string, object: unknown) => `${JSON.stringify({ type, object })}\n`

export const eventLine = (type: string, object: StoredObject | JsonObject): string => toLine(type, object)

/** Formats a bookmark; `initialEventsEnd` marks the end of the initial events. */
export const bookmarkLine = (resource: ApiResource, version: number, initialEventsEnd: boolean): string =>
  toLine('BOOKMARK', {
    kind: resource.kind,
    apiVersion: groupVersion(resource),
    metadata: {
      resourceVersion: String(version),
      creationTimestamp: null,
      ...(initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
    },
  })

/** Formats the error for a version older than the watch history. */
export const expiredLine = (version: number, oldest: number): string =>
  toLine('ERROR', new KubeError(410, 'Expired', `too old resource version: ${version} (${oldest})`).status)
