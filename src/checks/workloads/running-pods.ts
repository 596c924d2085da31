import { equalsIgnoreCase } from '../../clients/azure/resource-id.ts'
import { clientIdKey, tenantIdKey } from '../../steps/service-account.ts'
import { rolloutStatus } from './remedy.ts'
import { inTemplate, type RuleFinding, type WorkloadRule } from './rule.ts'
import {
  accountNameOf,
  containersOf,
  isLabelled,
  type OpenObject,
  skippedContainers,
  type Workload,
  workloadTitle,
} from './workload.ts'

/** An injected variable of a running container that differs from what a new pod would get. */
interface StaleVariable {
  pod: string
  name: string
  is: string | undefined
  should: string
}

export const podsUpToDate: WorkloadRule = {
  code: 'WI204',
  title: 'The running pods have the current injected values',
  needs: ['account', 'webhook'],
  clusterOnly: true,
  inspect(workload, context) {
    if (!isLabelled(workload)) return []
    const account = context.serviceAccount(workload.namespace, accountNameOf(workload))
    if (typeof account !== 'object') return []
    const { [clientIdKey]: clientId, [tenantIdKey]: tenantId } = account.metadata.annotations ?? {}
    if (clientId === undefined) return []
    const stale = workload.pods.flatMap((pod) => findStaleVariable(workload, pod, { clientId, tenantId }))
    const [first] = stale
    if (!first) return []
    const others = new Set(stale.map(({ pod }) => pod)).size - 1
    const more = others ? ` (and ${others} more)` : ''
    const isMissing = first.is === undefined
    const isRollingOut = isRolloutInProgress(workload)
    return [
      {
        detail: `${workloadTitle(workload)}: pod ${first.pod}${more} ${
          isMissing
            ? 'was created before the label or the webhook existed'
            : `was created before the service account changed: ${first.name} is out of date`
        }`,
        is: first.is ?? `no ${first.name}`,
        should: isMissing ? `${first.name}=${first.should}` : first.should,
        field: inTemplate(workload),
        edit: 'restart its pods',
        change: isRollingOut ? { run: rolloutStatus(workload), restart: false } : { restart: true },
        transient: isRollingOut,
      } satisfies RuleFinding,
    ]
  },
}

/** Reports whether a rollout is in progress, by the rules of `kubectl rollout status`. */
function isRolloutInProgress({ kind, object }: Workload): boolean {
  const { status = {}, spec = {}, metadata } = object
  if (spec.paused || spec.updateStrategy?.type === 'OnDelete') return false
  const count = (name: string): number => status[name] ?? 0
  if (kind === 'DaemonSet') {
    const desired = count('desiredNumberScheduled')
    return count('updatedNumberScheduled') < desired || count('numberAvailable') < desired
  }
  if (kind !== 'Deployment' && kind !== 'StatefulSet') return false
  const updated = count('updatedReplicas')
  return (
    count('observedGeneration') < ((metadata.generation as number | undefined) ?? 0) ||
    updated < (spec.replicas ?? 1) ||
    (kind === 'Deployment' && (count('replicas') > updated || count('availableReplicas') < updated))
  )
}

function findStaleVariable(
  workload: Workload,
  pod: { metadata: { name: string }; spec?: OpenObject },
  expected: { clientId: string; tenantId: string | undefined },
): StaleVariable[] {
  const skipped = skippedContainers(workload)
  for (const container of containersOf(workload)) {
    if (skipped.includes(container.name)) continue
    const running = ((pod.spec?.[container.list] ?? []) as OpenObject[]).find(
      ({ name }) => name === container.name,
    )
    if (!running) continue
    const own = new Set(
      workload.kind === 'Pod' ? [] : ((container.spec.env ?? []) as OpenObject[]).map(({ name }) => name),
    )
    const env = new Map(((running.env ?? []) as OpenObject[]).map((each) => [each.name as string, each]))
    const variables: [string, string | undefined][] = [
      ['AZURE_CLIENT_ID', expected.clientId],
      ['AZURE_TENANT_ID', expected.tenantId],
      ['AZURE_FEDERATED_TOKEN_FILE', undefined],
    ]
    for (const [name, should] of variables) {
      if (own.has(name)) continue
      const found = env.get(name)
      if (found?.valueFrom !== undefined) continue
      if (found === undefined || (should !== undefined && !equalsIgnoreCase(`${found.value}`, should)))
        if (found !== undefined || should !== undefined || name === 'AZURE_FEDERATED_TOKEN_FILE')
          return [
            {
              pod: pod.metadata.name,
              name,
              is: found?.value,
              should: should ?? "the token's path",
            },
          ]
    }
  }
  return []
}
