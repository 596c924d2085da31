import type { HttpMethods } from '@azure/core-rest-pipeline'
import type { KubeObject } from '../kubernetes.ts'
import { hasCode } from '../service-error.ts'

type Ask = <T>(method: HttpMethods, path: string) => Promise<T>

interface Resources {
  resources: { name: string; kind: string; namespaced: boolean; verbs: string[] }[]
}

interface List {
  items?: KubeObject[]
  metadata?: { continue?: string }
}

/** Kinds that only tell of others, or that come and go with them. */
const passing = new Set(['Event', 'Endpoints', 'EndpointSlice', 'Lease', 'PodMetrics'])

/** What controllers put into every namespace by themselves. */
const always = new Set([
  'ServiceAccount/default',
  'ConfigMap/kube-root-ca.crt',
  'ConfigMap/istio-ca-root-cert',
])

/** At most so many lists at once. */
const abreast = 8

/** Everything in a namespace that stands by itself: asked kind by kind, as the server tells its kinds. */
export async function namespaceContents(ask: Ask, namespace: string): Promise<KubeObject[]> {
  const { groups } = await ask<{ groups: { name: string; preferredVersion: { groupVersion: string } }[] }>(
    'GET',
    '/apis',
  )
  const versions = [
    '/api/v1',
    ...groups
      .filter(({ name }) => name !== 'metrics.k8s.io')
      .map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`),
  ]
  const served = await inTurns(versions, async (version) =>
    (await ask<Resources>('GET', version)).resources
      .filter(({ name, kind, namespaced, verbs }) =>
        Boolean(namespaced && verbs.includes('list') && !name.includes('/') && !passing.has(kind)),
      )
      .map(({ name, kind }) => ({
        path: `${version}/namespaces/${encodeURIComponent(namespace)}/${name}`,
        kind,
      })),
  )
  const found = await inTurns(served.flat(), async ({ path, kind }) => {
    const objects: KubeObject[] = []
    for (let next: string | undefined = '?limit=500'; next; ) {
      const page: List = await ask<List>('GET', `${path}${next}`).catch((error) => {
        // A kind that cannot be listed here after all.
        if (hasCode(error, 'MethodNotAllowed', 'NotFound')) return {}
        throw error
      })
      objects.push(...(page.items ?? []).map((item) => ({ ...item, kind })))
      next = page.metadata?.continue && `?limit=500&continue=${encodeURIComponent(page.metadata.continue)}`
    }
    return objects
  })
  return found
    .flat()
    .filter(
      ({ kind, metadata }) =>
        !always.has(`${kind}/${metadata.name}`) &&
        !(metadata.ownerReferences as unknown[] | undefined)?.length,
    )
}

async function inTurns<From, To>(all: readonly From[], act: (each: From) => Promise<To>): Promise<To[]> {
  const results: To[] = []
  for (let from = 0; from < all.length; from += abreast)
    results.push(...(await Promise.all(all.slice(from, from + abreast).map(act))))
  return results
}
