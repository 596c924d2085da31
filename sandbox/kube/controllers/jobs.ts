import type { Simulator } from '../../simulator.ts'
import { KubeError } from '../errors.ts'
import { resourceForKind } from '../objects/resources.ts'
import { formatTime, listObjects } from '../objects/store.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import { randomSuffix } from '../webhook/pod-admission.ts'
import { setStatus } from './context.ts'
import { recordEvent } from './events.ts'
import { createPod, ownedBy } from './replica-sets.ts'

const phase = (name: string) => (pod: StoredObject) => pod.status?.phase === name

function condition(
  simulator: Simulator,
  job: StoredObject,
  type: string,
  reason: string,
  message: string,
): JsonObject {
  const at = formatTime(simulator.now())
  return (
    ((job.status?.conditions ?? []) as JsonObject[]).find((each) => each.type === type) ?? {
      type,
      status: 'True',
      lastProbeTime: at,
      lastTransitionTime: at,
      reason,
      message,
    }
  )
}

function outcome(simulator: Simulator, job: StoredObject, succeeded: number, failed: number): JsonObject {
  if (succeeded >= job.spec.completions) {
    const message = 'Reached expected number of succeeded pods'
    const complete = condition(simulator, job, 'Complete', 'CompletionsReached', message)
    return {
      conditions: [condition(simulator, job, 'SuccessCriteriaMet', 'CompletionsReached', message), complete],
      completionTime: complete.lastTransitionTime,
    }
  }
  if (failed <= job.spec.backoffLimit) return {}
  const message = 'Job has reached the specified backoff limit'
  return {
    conditions: [
      condition(simulator, job, 'FailureTarget', 'BackoffLimitExceeded', message),
      condition(simulator, job, 'Failed', 'BackoffLimitExceeded', message),
    ],
  }
}

/** Gives each unfinished job a pod and counts how they ended. */
export function runJobs(simulator: Simulator, cluster: KubeCluster): void {
  for (const job of listObjects(cluster, resourceForKind('Job'))) {
    const mine = () =>
      listObjects(cluster, resourceForKind('Pod'), job.metadata.namespace).filter(ownedBy(job))
    const before = mine()
    const [succeeded, failed] = [
      before.filter(phase('Succeeded')).length,
      before.filter(phase('Failed')).length,
    ]
    const over = succeeded >= job.spec.completions || failed > job.spec.backoffLimit
    if (!over && !job.spec.suspend && before.length - failed < job.spec.completions)
      try {
        createPod(simulator, cluster, job, { name: `${job.metadata.name}-${randomSuffix()}` })
      } catch (error) {
        if (!(error instanceof KubeError)) throw error
        recordEvent(simulator, cluster, job, {
          type: 'Warning',
          reason: 'FailedCreate',
          message: `Error creating: ${error.message}`,
          component: 'job-controller',
        })
      }
    const pods = mine()
    const active = pods.filter((pod) => !['Succeeded', 'Failed'].includes(pod.status?.phase))
    const ready = active.filter(phase('Running')).length
    setStatus(simulator, cluster, job, {
      startTime: job.status?.startTime ?? formatTime(simulator.now()),
      ...(active.length ? { active: active.length } : {}),
      ...(succeeded ? { succeeded } : {}),
      ...(failed ? { failed } : {}),
      terminating: 0,
      uncountedTerminatedPods: {},
      ready,
      ...outcome(simulator, job, succeeded, failed),
    })
  }
}
