import type { Cloud } from '../../cloud.ts'
import { KubeError } from '../errors.ts'
import { resourceOf } from '../objects/resources.ts'
import { list, timestamp } from '../objects/store.ts'
import type { KubeCluster, KubeObject, Open } from '../state.ts'
import { randomSuffix } from '../webhook/pod-admission.ts'
import { setStatus } from './context.ts'
import { emit } from './events.ts'
import { ownedBy, spawnPod } from './replica-sets.ts'

const phase = (name: string) => (pod: KubeObject) => pod.status?.phase === name

function condition(cloud: Cloud, job: KubeObject, type: string, reason: string, message: string): Open {
  const at = timestamp(cloud.now())
  return (
    ((job.status?.conditions ?? []) as Open[]).find((each) => each.type === type) ?? {
      type,
      status: 'True',
      lastProbeTime: at,
      lastTransitionTime: at,
      reason,
      message,
    }
  )
}

function outcome(cloud: Cloud, job: KubeObject, succeeded: number, failed: number): Open {
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
  for (const job of list(cluster, resourceOf('Job'))) {
    const mine = () => list(cluster, resourceOf('Pod'), job.metadata.namespace).filter(ownedBy(job))
    const before = mine()
    const [succeeded, failed] = [
      before.filter(phase('Succeeded')).length,
      before.filter(phase('Failed')).length,
    ]
    const over = succeeded >= job.spec.completions || failed > job.spec.backoffLimit
    if (!over && !job.spec.suspend && before.length - failed < job.spec.completions)
      try {
        spawnPod(cloud, cluster, job, { name: `${job.metadata.name}-${randomSuffix()}` })
      } catch (error) {
        if (!(error instanceof KubeError)) throw error
        emit(cloud, cluster, job, {
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
      startTime: job.status?.startTime ?? timestamp(cloud.now()),
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
