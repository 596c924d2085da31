import type { CheckCode } from '../../base/check-code.ts'
import { accessEntries } from './access.ts'
import { callerEntries } from './caller.ts'
import { clusterEntries } from './cluster.ts'
import type { CatalogueEntry } from './entry.ts'
import { federationEntries } from './federation.ts'
import { identityEntries } from './identity.ts'
import { jobEntries } from './jobs.ts'
import { manifestEntries } from './manifests.ts'
import { postureEntries } from './posture.ts'
import { runtimeEntries } from './runtime.ts'
import { targetEntries } from './targets.ts'
import { webhookEntries } from './webhook.ts'
import { workloadEntries } from './workload.ts'

/** All entries by family, in the order of their codes. */
export const families: readonly { name: string; title: string; entries: readonly CatalogueEntry[] }[] = [
  { name: 'WI1xx', title: 'Federation', entries: [...federationEntries, ...jobEntries] },
  { name: 'WI2xx', title: 'Pod and service account', entries: [...workloadEntries, ...manifestEntries] },
  { name: 'WI3xx', title: 'Webhook', entries: webhookEntries },
  { name: 'WI4xx', title: 'Identity, credentials and roles', entries: identityEntries },
  { name: 'WI5xx', title: 'Key Vault', entries: accessEntries },
  { name: 'WI6xx', title: 'Application in the pod', entries: runtimeEntries },
  { name: 'WI7xx', title: 'Cluster and tools', entries: clusterEntries },
  { name: 'WI8xx', title: 'Prerequisites and posture', entries: [...callerEntries, ...postureEntries] },
  { name: 'WI9xx', title: 'Targets of grants', entries: targetEntries },
]

export const catalogue: readonly CatalogueEntry[] = families.flatMap(({ entries }) => entries)

export const catalogueEntry = (code: CheckCode | string): CatalogueEntry | undefined =>
  catalogue.find((entry) => entry.code === code)

/** Returns the texts of an entry for an explanation that means exactly the same failure. */
export function fromCatalogue(code: CheckCode) {
  const entry = catalogueEntry(code)
  if (!entry) throw new Error(`The catalogue has no ${code}`)
  const { what, why, remedy } = entry
  return { check: code, what, why, remedy }
}
