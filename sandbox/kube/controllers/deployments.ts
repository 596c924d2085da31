import { isDeepStrictEqual } from 'node:util'
import { sha256 } from '../../sha256.ts'
import type { Simulator } from '../../simulator.ts'
import { createObject } from '../objects/create.ts'
import { resourceForKind } from '../objects/resources.ts'
import { eraseObject, listObjects } from '../objects/store.ts'
import { updateObject } from '../objects/update.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import { controllerContext, setStatus } from './context.ts'
import { deploymentStatus } from './deployment-status.ts'
import { recordEvent } from './events.ts'
import { ownedBy, ownerReference } from './replica-sets.ts'

const alphabet = 'bcdfghjklmnpqrstvwxz2456789'
const revisionKey = 'deployment.kubernetes.io/revision'

/** Hashes a pod template to a name suffix of safe letters, as kube-controller-manager does. */
const templateHash = (template: JsonObject) =>
  [...String(sha256(JSON.stringify(template)).readUInt32BE())]
    .map((digit) => alphabet[digit.charCodeAt(0) % alphabet.length])
    .join('')

const withoutHashLabel = (template: JsonObject) => {
  const { 'pod-template-hash': _, ...labels } = template.metadata?.labels ?? {}
  return { ...template, metadata: { ...template.metadata, labels } }
}

const revisionOf = (object: StoredObject) => Number(object.metadata.annotations?.[revisionKey] ?? 0)

function update(
  simulator: Simulator,
  cluster: KubeCluster,
  object: StoredObject,
  change: JsonObject,
): StoredObject {
  const { metadata, ...rest } = change
  const next = { ...object, ...rest, metadata: { ...object.metadata, ...metadata } }
  return updateObject(
    controllerContext(simulator, cluster, object.kind, object.metadata.namespace ?? ''),
    object,
    next,
  )
}

function newReplicaSet(simulator: Simulator, cluster: KubeCluster, deployment: StoredObject): StoredObject {
  const { name, namespace = '' } = deployment.metadata
  const { replicas, selector, template } = deployment.spec
  const hash = templateHash(template)
  const labels = { ...template.metadata?.labels, 'pod-template-hash': hash }
  const replicaSet = createObject(controllerContext(simulator, cluster, 'ReplicaSet', namespace), {
    metadata: {
      name: `${name}-${hash}`,
      labels,
      annotations: {
        'deployment.kubernetes.io/desired-replicas': String(replicas),
        'deployment.kubernetes.io/max-replicas': String(replicas + Math.ceil(replicas / 4)),
      },
      ownerReferences: [ownerReference(deployment)],
    },
    spec: {
      replicas: 0,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, 'pod-template-hash': hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  })
  return replicaSet
}

function resize(
  simulator: Simulator,
  cluster: KubeCluster,
  deployment: StoredObject,
  set: StoredObject,
  replicas: number,
): StoredObject {
  if (set.spec.replicas === replicas) return set
  const [from, direction] = [set.spec.replicas, replicas > set.spec.replicas ? 'up' : 'down']
  recordEvent(simulator, cluster, deployment, {
    type: 'Normal',
    reason: 'ScalingReplicaSet',
    message: `Scaled ${direction} replica set ${set.metadata.name} from ${from} to ${replicas}`,
    component: 'deployment-controller',
  })
  return update(simulator, cluster, set, { spec: { ...set.spec, replicas } })
}

/** Rolls out the template: scales its replica set up, then the older ones down. */
function rollOut(
  simulator: Simulator,
  cluster: KubeCluster,
  deployment: StoredObject,
): { current: StoredObject; sets: StoredObject[] } {
  const all = () =>
    listObjects(cluster, resourceForKind('ReplicaSet'), deployment.metadata.namespace).filter(
      ownedBy(deployment),
    )
  const { template, replicas, strategy, revisionHistoryLimit } = deployment.spec
  const found = all().find((set) =>
    isDeepStrictEqual(withoutHashLabel(set.spec.template), withoutHashLabel(template)),
  )
  let current = found ?? newReplicaSet(simulator, cluster, deployment)
  const older = all().filter((set) => set.metadata.uid !== current.metadata.uid)
  const newest = Math.max(0, ...older.map(revisionOf))
  if (revisionOf(current) <= newest) {
    const annotations = { ...current.metadata.annotations, [revisionKey]: String(newest + 1) }
    current = update(simulator, cluster, current, { metadata: { annotations } })
  }
  const mustWait = strategy?.type === 'Recreate' && older.some((set) => (set.status?.replicas ?? 0) > 0)
  if (!mustWait) current = resize(simulator, cluster, deployment, current, replicas)
  const isAvailable = (current.status?.availableReplicas ?? 0) >= replicas
  for (const set of older)
    if (isAvailable || strategy?.type === 'Recreate') resize(simulator, cluster, deployment, set, 0)
  const scaledDown = older
    .filter((set) => set.spec.replicas === 0 && !(set.status?.replicas > 0))
    .sort((one, other) => revisionOf(one) - revisionOf(other))
  for (const set of scaledDown.slice(0, Math.max(0, scaledDown.length - revisionHistoryLimit)))
    removeSet(simulator, cluster, set)
  return { current, sets: all() }
}

const removeSet = (simulator: Simulator, cluster: KubeCluster, set: StoredObject) =>
  eraseObject(simulator, cluster, resourceForKind('ReplicaSet'), set)

/** Rolls out every deployment and stores its status. */
export function runDeployments(simulator: Simulator, cluster: KubeCluster): void {
  for (const each of listObjects(cluster, resourceForKind('Deployment'))) {
    if (each.spec.paused) continue
    const { current, sets } = rollOut(simulator, cluster, each)
    const revision = String(revisionOf(current))
    const annotations = { ...each.metadata.annotations, [revisionKey]: revision }
    const deployment =
      each.metadata.annotations?.[revisionKey] === revision
        ? each
        : update(simulator, cluster, each, { metadata: { annotations } })
    setStatus(simulator, cluster, deployment, deploymentStatus(simulator, deployment, current, sets))
  }
}
