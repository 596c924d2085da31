import type { Simulator } from '../../simulator.ts'
import { KubeError } from '../errors.ts'
import { resourceForKind } from '../objects/resources.ts'
import { formatTime, listObjects } from '../objects/store.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import { randomSuffix } from '../webhook/pod-admission.ts'
import { setStatus } from './context.ts'
import { recordEvent } from './events.ts'
import { createPod, ownedBy } from './replica-sets.ts'

const hasPhase = (name: string) => (pod: StoredObject) => pod.status?.phase === name

function jobCondition(
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

function outcomeStatus(
  simulator: Simulator,
  job: StoredObject,
  succeeded: number,
  failed: number,
): JsonObject {
  if (succeeded >= job.spec.completions) {
    const message = 'Reached expected number of succeeded pods'
    const complete = jobCondition(simulator, job, 'Complete', 'CompletionsReached', message)
    return {
      conditions: [
        jobCondition(simulator, job, 'SuccessCriteriaMet', 'CompletionsReached', message),
        complete,
      ],
      completionTime: complete.lastTransitionTime,
    }
  }
  if (failed <= job.spec.backoffLimit) return {}
  const message = 'Job has reached the specified backoff limit'
  return {
    conditions: [
      jobCondition(simulator, job, 'FailureTarget', 'BackoffLimitExceeded', message),
      jobCondition(simulator, job, 'Failed', 'BackoffLimitExceeded', message),
    ],
  }
}

/** Creates the pods of unfinished jobs and stores the status of all jobs. */
export function runJobs(simulator: Simulator, cluster: KubeCluster): void {
  for (const job of listObjects(cluster, resourceForKind('Job'))) {
    const ownPods = () =>
      listObjects(cluster, resourceForKind('Pod'), job.metadata.namespace).filter(ownedBy(job))
    const podsBefore = ownPods()
    const [succeeded, failed] = [
      podsBefore.filter(hasPhase('Succeeded')).length,
      podsBefore.filter(hasPhase('Failed')).length,
    ]
    const isFinished = succeeded >= job.spec.completions || failed > job.spec.backoffLimit
    if (!isFinished && !job.spec.suspend && podsBefore.length - failed < job.spec.completions)
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
    const pods = ownPods()
    const active = pods.filter((pod) => !['Succeeded', 'Failed'].includes(pod.status?.phase))
    const ready = active.filter(hasPhase('Running')).length
    setStatus(simulator, cluster, job, {
      startTime: job.status?.startTime ?? formatTime(simulator.now()),
      ...(active.length ? { active: active.length } : {}),
      ...(succeeded ? { succeeded } : {}),
      ...(failed ? { failed } : {}),
      terminating: 0,
      uncountedTerminatedPods: {},
      ready,
      ...outcomeStatus(simulator, job, succeeded, failed),
    })
  }
}
