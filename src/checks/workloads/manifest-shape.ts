import type { OpenObject } from './workload.ts'

/** Fields that are a list of objects wherever they stand in a pod template, and those that are a list of words. */
const lists = new Set([
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
const words = new Set(['args', 'command'])
/** Fields that are a map. */
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

/** The first field of an object that is not of its shape; the API server would refuse it. */
export function findShapeError(
  at: OpenObject,
  path: readonly (string | number)[] = [],
): { path: (string | number)[]; what: string } | undefined {
  for (const [key, value] of Object.entries(at)) {
    if (value === null || value === undefined) continue
    const here = [...path, key]
    const isList = Array.isArray(value)
    const isMap = typeof value === 'object' && !isList
    if ((lists.has(key) || words.has(key)) && !isList) return { path: here, what: 'is no list' }
    if (maps.has(key) && !isMap) return { path: here, what: 'is no map' }
    if (isMap) {
      // The keys of these are anybody's.
      const inner = key === 'labels' || key === 'annotations' ? undefined : findShapeError(value, here)
      if (inner) return inner
    } else if (lists.has(key))
      for (const [index, each] of (value as OpenObject[]).entries()) {
        if (typeof each !== 'object' || each === null) return { path: [...here, index], what: 'is no map' }
        const inner = findShapeError(each, [...here, index])
        if (inner) return inner
      }
  }
  return undefined
}
