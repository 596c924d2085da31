import { accountAt, podOwner } from './pod-owner.ts'

const path = (kind: string) => (kind === 'CronWorkflow' ? ['spec', 'workflowSpec'] : ['spec'])

/** Workflows of Argo, whose pods run as one service account. */
export const argoWorkflow = podOwner({
  group: 'argoproj.io',
  kinds: {
    Workflow: 'workflows',
    WorkflowTemplate: 'workflowtemplates',
    CronWorkflow: 'cronworkflows',
  },
  labels: ({ kind }) => [[...path(kind), 'podMetadata', 'labels']],
  account: (object) => accountAt(...path(object.kind), 'serviceAccountName')(object),
})
