import type { FieldPath } from '../workloads/rule.ts'
import { mapAt } from './fields.ts'
import { accountAt, podOwner } from './pod-owner.ts'

/** Kinds with a pod template like a Deployment's, at another path or of another group. */
const withTemplate = (group: string, kinds: Readonly<Record<string, string>>, ...path: FieldPath) =>
  podOwner({
    group,
    kinds,
    // An object that refers to a Deployment has no template of its own.
    labels: (object) => (mapAt(object, path).spec === undefined ? [] : [[...path, 'metadata', 'labels']]),
    account: accountAt(...path, 'spec', 'serviceAccountName'),
  })

export const rollout = withTemplate('argoproj.io', { Rollout: 'rollouts' }, 'spec', 'template')
export const knativeService = withTemplate('serving.knative.dev', { Service: 'services' }, 'spec', 'template')
export const scaledJob = withTemplate(
  'keda.sh',
  { ScaledJob: 'scaledjobs' },
  'spec',
  'jobTargetRef',
  'template',
)
export const cloneSet = withTemplate('apps.kruise.io', { CloneSet: 'clonesets' }, 'spec', 'template')
export const runnerSet = withTemplate(
  'actions.github.com',
  { AutoscalingRunnerSet: 'autoscalingrunnersets' },
  'spec',
  'template',
)
