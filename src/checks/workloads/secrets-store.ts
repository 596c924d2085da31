import type { LintContext } from './rule.ts'
import { containersOf, type OpenObject, podSpecOf, type Workload } from './workload.ts'

/** Returns the volumes of a workload that the Secrets Store CSI driver mounts. */
export const secretsStoreVolumes = (workload: Pick<Workload, 'kind' | 'object'>): OpenObject[] =>
  ((podSpecOf(workload).volumes ?? []) as OpenObject[]).filter(
    (volume) => volume?.csi?.driver === 'secrets-store.csi.k8s.io',
  )

/** Returns the names of the SecretProviderClasses that a workload mounts. */
export const classNamesOf = (workload: Pick<Workload, 'kind' | 'object'>): string[] =>
  secretsStoreVolumes(workload).map(({ csi }) => `${csi.volumeAttributes?.secretProviderClass ?? ''}`)

/** Reports whether a workload mounts a class for which the driver signs in as the pod's service account. */
export const mountsWithPodToken = (workload: Workload, context: LintContext): boolean =>
  classNamesOf(workload).some((name) => context.usesPodTokens(workload.namespace, name) === true)

/**
 * Reports whether the driver may be all of a workload that signs in: it needs neither the label nor the webhook. A class
 * that can't be read counts.
 */
export const signsInByDriver = (workload: Workload, context: LintContext): boolean =>
  classNamesOf(workload).some((name) => context.usesPodTokens(workload.namespace, name) !== false)

const azureHost =
  /\.(vault\.azure\.net|core\.windows\.net|servicebus\.windows\.net|documents\.azure\.com|azconfig\.io|database\.windows\.net)\b/

/** Reports whether a container is told the address of a service in Azure, which it would call by an SDK. */
export const callsAzure = (workload: Workload): boolean =>
  containersOf(workload).some(({ spec }) =>
    ((spec.env ?? []) as OpenObject[]).some(({ value }) => azureHost.test(`${value ?? ''}`)),
  )
