import type { OpenObject } from './workload.ts'

/** Fields that are lists of objects wherever they occur in a pod template. */
const objectLists = new Set([
  'containers',
  'initContainers',
  'volumes',
  'env',
  'envFrom',
  'volumeMounts',
  'sources',
  'tolerations',
  'matchExpressions',
  'nodeSelectorTerms',
])
/** Fields that are lists of strings. */
const stringLists = new Set(['args', 'command'])
/** Fields that are maps. */
const maps = new Set([
  'metadata',
  'labels',
  'annotations',
  'spec',
  'template',
  'jobTemplate',
  'securityContext',
  'nodeSelector',
  'affinity',
  'projected',
])

/** Returns the first field of an object that has the wrong type, which the API server would reject. */
export function findShapeError(
  object: OpenObject,
  path: readonly (string | number)[] = [],
): { path: (string | number)[]; problem: string } | undefined {
  for (const [key, value] of Object.entries(object)) {
    if (value === null || value === undefined) continue
    const here = [...path, key]
    const isList = Array.isArray(value)
    const isMap = typeof value === 'object' && !isList
    if ((objectLists.has(key) || stringLists.has(key)) && !isList)
      return { path: here, problem: 'is not a list' }
    if (maps.has(key) && !isMap) return { path: here, problem: 'is not a map' }
    if (isMap) {
      // Labels and annotations have arbitrary keys.
      const inner = key === 'labels' || key === 'annotations' ? undefined : findShapeError(value, here)
      if (inner) return inner
    } else if (objectLists.has(key))
      for (const [index, each] of (value as OpenObject[]).entries()) {
        if (typeof each !== 'object' || each === null)
          return { path: [...here, index], problem: 'is not a map' }
        const inner = findShapeError(each, [...here, index])
        if (inner) return inner
      }
  }
  return undefined
}
