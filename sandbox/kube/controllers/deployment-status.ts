import type { Simulator } from '../../simulator.ts'
import { formatTime } from '../objects/store.ts'
import type { JsonObject, StoredObject } from '../state.ts'

type ConditionContent = [type: string, isTrue: boolean, reason: string, message: string]

/** Returns a condition that keeps the times of the previous one as far as it did not change. */
function condition(
  simulator: Simulator,
  previous: JsonObject[],
  [type, isTrue, reason, message]: ConditionContent,
): JsonObject {
  const before = previous.find((each) => each.type === type)
  const now = formatTime(simulator.now())
  const status = isTrue ? 'True' : 'False'
  const isUnchanged = before?.status === status && before.reason === reason && before.message === message
  return {
    type,
    status,
    lastUpdateTime: isUnchanged ? before.lastUpdateTime : now,
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : now,
    reason,
    message,
  }
}

function availability({ replicas, strategy }: JsonObject, available: number): ConditionContent {
  const maxUnavailable = strategy?.rollingUpdate?.maxUnavailable ?? 0
  const allowed =
    typeof maxUnavailable === 'number'
      ? maxUnavailable
      : Math.floor((replicas * Number.parseInt(maxUnavailable, 10)) / 100)
  const isAvailable = available >= replicas - (strategy?.type === 'Recreate' ? 0 : allowed)
  return isAvailable
    ? ['Available', true, 'MinimumReplicasAvailable', 'Deployment has minimum availability.']
    : ['Available', false, 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.']
}

function progress(
  simulator: Simulator,
  deadlineSeconds: number,
  before: JsonObject | undefined,
  replicaSet: string,
  isComplete: boolean,
): ConditionContent {
  const done = `ReplicaSet "${replicaSet}" has successfully progressed.`
  if (isComplete) return ['Progressing', true, 'NewReplicaSetAvailable', done]
  const isLate =
    before !== undefined &&
    before.message !== done &&
    simulator.now() - Date.parse(before.lastUpdateTime) > deadlineSeconds * 1000
  return isLate || before?.reason === 'ProgressDeadlineExceeded'
    ? [
        'Progressing',
        false,
        'ProgressDeadlineExceeded',
        `ReplicaSet "${replicaSet}" has timed out progressing.`,
      ]
    : ['Progressing', true, 'ReplicaSetUpdated', `ReplicaSet "${replicaSet}" is progressing.`]
}

/** Returns the status of a deployment. `current` is the replica set of its template, `sets` are all of them. */
export function deploymentStatus(
  simulator: Simulator,
  deployment: StoredObject,
  current: StoredObject,
  sets: StoredObject[],
): JsonObject {
  const { spec, status, metadata } = deployment
  const sum = (field: string) => sets.reduce((total, set) => total + (set.status?.[field] ?? 0), 0)
  const [replicas, ready, available] = [sum('replicas'), sum('readyReplicas'), sum('availableReplicas')]
  const updated = current.status?.replicas ?? 0
  const previous = (status?.conditions ?? []) as JsonObject[]
  const isComplete = updated === spec.replicas && available >= spec.replicas && replicas === spec.replicas
  const failure = ((current.status?.conditions ?? []) as JsonObject[]).find(
    (each) => each.type === 'ReplicaFailure',
  )
  const contents: ConditionContent[] = [
    availability(spec, available),
    progress(
      simulator,
      spec.progressDeadlineSeconds,
      previous.find((each) => each.type === 'Progressing'),
      current.metadata.name,
      isComplete,
    ),
    ...(failure ? [['ReplicaFailure', true, failure.reason, failure.message] as ConditionContent] : []),
  ]
  return {
    observedGeneration: metadata.generation ?? 1,
    ...(replicas ? { replicas } : {}),
    ...(updated ? { updatedReplicas: updated } : {}),
    ...(ready ? { readyReplicas: ready } : {}),
    ...(available ? { availableReplicas: available } : {}),
    ...(available < spec.replicas ? { unavailableReplicas: spec.replicas - available } : {}),
    conditions: contents.map((content) => condition(simulator, previous, content)),
  }
}
