import type { CheckCode } from '../../base/check-code.ts'
import { accessEntries } from './access.ts'
import { callerEntries } from './caller.ts'
import { clusterEntries } from './cluster.ts'
import type { CatalogueEntry } from './entry.ts'
import { federationEntries } from './federation.ts'
import { identityEntries } from './identity.ts'
import { manifestEntries } from './manifests.ts'
import { postureEntries } from './posture.ts'
import { runtimeEntries } from './runtime.ts'
import { webhookEntries } from './webhook.ts'
import { workloadEntries } from './workload.ts'

/** Every failure of the catalogue by its family, in the order of the codes. */
export const families: readonly { name: string; title: string; entries: readonly CatalogueEntry[] }[] = [
  { name: 'WI1xx', title: 'The trust', entries: federationEntries },
  {
    name: 'WI2xx',
    title: 'The pod and its service account',
    entries: [...workloadEntries, ...manifestEntries],
  },
  { name: 'WI3xx', title: 'The webhook', entries: webhookEntries },
  { name: 'WI4xx', title: 'Making the identity', entries: identityEntries },
  { name: 'WI5xx', title: 'The vault', entries: accessEntries },
  { name: 'WI6xx', title: 'The program in the pod', entries: runtimeEntries },
  { name: 'WI7xx', title: 'The cluster and the tools', entries: clusterEntries },
  {
    name: 'WI8xx',
    title: 'Before a set-up, and how tight it is',
    entries: [...callerEntries, ...postureEntries],
  },
]

export const catalogue: readonly CatalogueEntry[] = families.flatMap(({ entries }) => entries)

export const catalogueEntry = (code: CheckCode | string): CatalogueEntry | undefined =>
  catalogue.find((entry) => entry.code === code)
