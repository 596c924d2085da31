import { inTemplate, type RuleFinding, type WorkloadRule } from './rule.ts'
import { annotationsOf, labelsOf, podSpecOf, useLabel, type Workload, workloadTitle } from './workload.ts'

const change: RuleFinding['change'] = { template: { metadata: { labels: { [useLabel]: 'true' } } } }
const edit = `add ${useLabel}: "true"`
const at = (workload: Workload) => inTemplate(workload, 'metadata', 'labels')

const onItself = ({ kind, object }: Workload) =>
  kind !== 'Pod' && object.metadata.labels?.[useLabel] !== undefined

const isMissing = (workload: Workload) => labelsOf(workload)[useLabel] === undefined

/** Its pods bring a token of their own for Entra, without the webhook. */
const bringsToken = (workload: Workload) =>
  (podSpecOf(workload).volumes ?? []).some(
    // biome-ignore lint/suspicious/noExplicitAny: a Kubernetes object's body is open
    (volume: any) => volume.projected?.sources?.some((each: any) => each.serviceAccountToken?.audience),
  )

export const labelInTemplate: WorkloadRule = {
  code: 'WI202',
  title: 'The label stands in the pod template',
  inspect(workload) {
    if (!isMissing(workload) || !onItself(workload)) return []
    return [
      {
        detail: `${workloadTitle(workload)} has the label itself, but its pods do not get it`,
        is: `metadata.labels: ${useLabel}`,
        should: `${at(workload).join('.')}: ${useLabel}`,
        field: at(workload),
        edit,
        change,
      },
    ]
  },
}

export const labelPresent: WorkloadRule = {
  code: 'WI222',
  title: 'What uses the service account has the label',
  inspect(workload) {
    if (!isMissing(workload) || onItself(workload) || bringsToken(workload)) return []
    const annotated = annotationsOf(workload)[useLabel] !== undefined
    return [
      {
        detail: annotated
          ? `${workloadTitle(workload)} has ${useLabel} as an annotation; the webhook looks at labels`
          : `${workloadTitle(workload)}: its pods have no label ${useLabel}, so the webhook passes them by`,
        is: '(none)',
        should: `${useLabel}: "true"`,
        field: at(workload),
        edit,
        change,
      },
    ]
  },
}

export const labelTrue: WorkloadRule = {
  code: 'WI212',
  title: 'The label is exactly "true"',
  inspect(workload) {
    const value: unknown = labelsOf(workload)[useLabel]
    if (value === undefined || value === 'true') return []
    const text = typeof value === 'string'
    return [
      {
        detail: text
          ? `${workloadTitle(workload)}: the webhook takes no other value of the label ${useLabel}`
          : `${workloadTitle(workload)}: the label ${useLabel} is no text; Kubernetes refuses it`,
        is: text ? JSON.stringify(value) : String(value),
        should: '"true"',
        field: [...at(workload), useLabel],
        edit: `write "true", with quotes`,
        change,
      },
    ]
  },
}
