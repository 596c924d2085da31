import { inTemplate, type RuleFinding, type WorkloadRule } from './rule.ts'
import { annotationsOf, labelsOf, podSpecOf, useLabel, type Workload, workloadTitle } from './workload.ts'

const change: RuleFinding['change'] = { template: { metadata: { labels: { [useLabel]: 'true' } } } }
const edit = `add ${useLabel}: "true"`
const labelsField = (workload: Workload) => inTemplate(workload, 'metadata', 'labels')

const isLabeledItself = ({ kind, object }: Workload) =>
  kind !== 'Pod' && object.metadata.labels?.[useLabel] !== undefined

const isMissing = (workload: Workload) => labelsOf(workload)[useLabel] === undefined

/** Reports whether the pods mount their own token for Entra, without the webhook. */
const mountsOwnToken = (workload: Workload) =>
  (podSpecOf(workload).volumes ?? []).some(
    // biome-ignore lint/suspicious/noExplicitAny: a Kubernetes object's body is open
    (volume: any) => volume.projected?.sources?.some((each: any) => each.serviceAccountToken?.audience),
  )

export const labelInTemplate: WorkloadRule = {
  code: 'WI202',
  title: 'The label azure.workload.identity/use is in the pod template',
  inspect(workload) {
    if (!isMissing(workload) || !isLabeledItself(workload)) return []
    return [
      {
        detail: `${workloadTitle(workload)} has the label ${useLabel}, but its pod template doesn't`,
        is: `metadata.labels: ${useLabel}`,
        should: `${labelsField(workload).join('.')}: ${useLabel}`,
        field: labelsField(workload),
        edit,
        change,
      },
    ]
  },
}

export const labelPresent: WorkloadRule = {
  code: 'WI222',
  title: 'Every workload that uses the service account has the label azure.workload.identity/use',
  inspect(workload) {
    if (!isMissing(workload) || isLabeledItself(workload) || mountsOwnToken(workload)) return []
    const annotated = annotationsOf(workload)[useLabel] !== undefined
    return [
      {
        detail: annotated
          ? `${workloadTitle(workload)} has ${useLabel} as an annotation, but the webhook reads labels`
          : `${workloadTitle(workload)}: the pods lack the label ${useLabel}, so the webhook ignores them`,
        is: '(none)',
        should: `${useLabel}: "true"`,
        field: labelsField(workload),
        edit,
        change,
      },
    ]
  },
}

export const labelTrue: WorkloadRule = {
  code: 'WI212',
  title: 'The label azure.workload.identity/use is exactly "true"',
  inspect(workload) {
    const value: unknown = labelsOf(workload)[useLabel]
    if (value === undefined || value === 'true') return []
    const isString = typeof value === 'string'
    return [
      {
        detail: isString
          ? `${workloadTitle(workload)}: the webhook ignores pods with another value of the label ${useLabel}`
          : `${workloadTitle(workload)}: the label ${useLabel} is not a string, so Kubernetes rejects it`,
        is: isString ? JSON.stringify(value) : String(value),
        should: '"true"',
        field: [...labelsField(workload), useLabel],
        edit: `set it to "true", with quotes`,
        change,
      },
    ]
  },
}
