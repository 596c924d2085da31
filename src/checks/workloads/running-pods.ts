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

/** What a running pod's container has, against what it would get today. */
interface Gap {
  pod: string
  name: string
  is: string | undefined
  should: string
}

export const podsUpToDate: WorkloadRule = {
  code: 'WI204',
  title: 'The running pods have what the webhook gives today',
  needs: ['account', 'webhook'],
  clusterOnly: true,
  inspect(workload, around) {
    if (!isLabelled(workload)) return []
    const account = around.serviceAccount(workload.namespace, accountNameOf(workload))
    if (typeof account !== 'object') return []
    const { [clientIdKey]: clientId, [tenantIdKey]: tenantId } = account.metadata.annotations ?? {}
    if (clientId === undefined) return []
    const gaps = workload.pods.flatMap((pod) => gapOf(workload, pod, { clientId, tenantId }))
    const [first] = gaps
    if (!first) return []
    const others = new Set(gaps.map(({ pod }) => pod)).size - 1
    const more = others ? ` (and ${others} more)` : ''
    const isGone = first.is === undefined
    const rolling = isRolling(workload)
    return [
      {
        detail: `${workloadTitle(workload)}: its pod ${first.pod}${more} ${
          isGone
            ? 'was made before the label or the webhook was there'
            : `was made before the service account was changed: ${first.name}`
        }`,
        is: first.is ?? `no ${first.name}`,
        should: isGone ? `${first.name}=${first.should}` : first.should,
        field: inTemplate(workload),
        edit: 'start its pods anew',
        change: rolling ? { run: rolloutStatus(workload), restart: false } : { restart: true },
        transient: rolling,
      } satisfies RuleFinding,
    ]
  },
}

/** A rollout is under way, as `kubectl rollout status` tells it: the old pods are about to go. */
function isRolling({ kind, object }: Workload): boolean {
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

function gapOf(
  workload: Workload,
  pod: { metadata: { name: string }; spec?: OpenObject },
  wanted: { clientId: string; tenantId: string | undefined },
): Gap[] {
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
    const expected: [string, string | undefined][] = [
      ['AZURE_CLIENT_ID', wanted.clientId],
      ['AZURE_TENANT_ID', wanted.tenantId],
      ['AZURE_FEDERATED_TOKEN_FILE', undefined],
    ]
    for (const [name, should] of expected) {
      if (own.has(name)) continue
      const found = env.get(name)
      if (found?.valueFrom !== undefined) continue
      if (found === undefined || (should !== undefined && found.value !== should))
        if (found !== undefined || should !== undefined || name === 'AZURE_FEDERATED_TOKEN_FILE')
          return [
            {
              pod: pod.metadata.name,
              name,
              is: found?.value,
              should: should ?? 'the path of the token',
            },
          ]
    }
  }
  return []
}
