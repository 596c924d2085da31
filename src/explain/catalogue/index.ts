import type { Code } from '../../engine/check.ts'
import { access } from './access.ts'
import { caller } from './caller.ts'
import { cluster } from './cluster.ts'
import type { CatalogueEntry } from './entry.ts'
import { federation } from './federation.ts'
import { identity } from './identity.ts'
import { posture } from './posture.ts'
import { runtime } from './runtime.ts'
import { webhook } from './webhook.ts'
import { workload } from './workload.ts'
import { written } from './written.ts'

/** Every failure of the catalogue by its family, in the order of the codes. */
export const families: readonly { name: string; title: string; entries: readonly CatalogueEntry[] }[] = [
  { name: 'WI1xx', title: 'The trust', entries: federation },
  { name: 'WI2xx', title: 'The pod and its service account', entries: [...workload, ...written] },
  { name: 'WI3xx', title: 'The webhook', entries: webhook },
  { name: 'WI4xx', title: 'Making the identity', entries: identity },
  { name: 'WI5xx', title: 'The vault', entries: access },
  { name: 'WI6xx', title: 'The program in the pod', entries: runtime },
  { name: 'WI7xx', title: 'The cluster and the tools', entries: cluster },
  { name: 'WI8xx', title: 'Before a set-up, and how tight it is', entries: [...caller, ...posture] },
]

export const catalogue: readonly CatalogueEntry[] = families.flatMap(({ entries }) => entries)

export const catalogueEntry = (code: Code | string): CatalogueEntry | undefined =>
  catalogue.find((entry) => entry.code === code)
