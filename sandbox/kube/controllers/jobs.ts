import type { Cloud } from '../../cloud.ts'
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
  cloud: Cloud,
  job: StoredObject,
  type: string,
  reason: string,
  message: string,
): JsonObject {
  const at = formatTime(cloud.now())
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

function outcome(cloud: Cloud, job: StoredObject, succeeded: number, failed: number): JsonObject {
  if (succeeded >= job.spec.completions) {
    const message = 'Reached expected number of succeeded pods'
    const complete = condition(cloud, job, 'Complete', 'CompletionsReached', message)
    return {
      conditions: [condition(cloud, job, 'SuccessCriteriaMet', 'CompletionsReached', message), complete],
      completionTime: complete.lastTransitionTime,
    }
  }
  if (failed <= job.spec.backoffLimit) return {}
  const message = 'Job has reached the specified backoff limit'
  return {
    conditions: [
      condition(cloud, job, 'FailureTarget', 'BackoffLimitExceeded', message),
      condition(cloud, job, 'Failed', 'BackoffLimitExceeded', message),
    ],
  }
}

/** Gives each unfinished job a pod and counts how they ended. */
export function runJobs(cloud: Cloud, cluster: KubeCluster): void {
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
        createPod(cloud, cluster, job, { name: `${job.metadata.name}-${randomSuffix()}` })
      } catch (error) {
        if (!(error instanceof KubeError)) throw error
        recordEvent(cloud, cluster, job, {
          type: 'Warning',
          reason: 'FailedCreate',
          message: `Error creating: ${error.message}`,
          component: 'job-controller',
        })
      }
    const pods = mine()
    const active = pods.filter((pod) => !['Succeeded', 'Failed'].includes(pod.status?.phase))
    const ready = active.filter(phase('Running')).length
    setStatus(cloud, cluster, job, {
      startTime: job.status?.startTime ?? formatTime(cloud.now()),
      ...(active.length ? { active: active.length } : {}),
      ...(succeeded ? { succeeded } : {}),
      ...(failed ? { failed } : {}),
      terminating: 0,
      uncountedTerminatedPods: {},
      ready,
      ...outcome(cloud, job, succeeded, failed),
    })
  }
}
