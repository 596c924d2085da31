import { type Fault, inTemplate, type Rule } from './rule.ts'
import { annotationsOf, labelsOf, podSpecOf, titleOf, useKey, type Workload } from './workload.ts'

const change: Fault['change'] = { template: { metadata: { labels: { [useKey]: 'true' } } } }
const edit = `add ${useKey}: "true"`
const at = (workload: Workload) => inTemplate(workload, 'metadata', 'labels')

const onItself = ({ kind, object }: Workload) =>
  kind !== 'Pod' && object.metadata.labels?.[useKey] !== undefined

const isMissing = (workload: Workload) => labelsOf(workload)[useKey] === undefined

/** Its pods bring a token of their own for Entra, without the webhook. */
const bringsToken = (workload: Workload) =>
  (podSpecOf(workload).volumes ?? []).some(
    // biome-ignore lint/suspicious/noExplicitAny: a Kubernetes object's body is open
    (volume: any) => volume.projected?.sources?.some((each: any) => each.serviceAccountToken?.audience),
  )

export const labelOnPods: Rule = {
  code: 'WI202',
  title: 'The label stands in the pod template',
  look(workload) {
    if (!isMissing(workload) || !onItself(workload)) return []
    return [
      {
        detail: `${titleOf(workload)} has the label itself, but its pods do not get it`,
        is: `metadata.labels: ${useKey}`,
        should: `${at(workload).join('.')}: ${useKey}`,
        at: at(workload),
        edit,
        change,
      },
    ]
  },
}

export const labelThere: Rule = {
  code: 'WI222',
  title: 'What uses the service account has the label',
  look(workload) {
    if (!isMissing(workload) || onItself(workload) || bringsToken(workload)) return []
    const annotated = annotationsOf(workload)[useKey] !== undefined
    return [
      {
        detail: annotated
          ? `${titleOf(workload)} has ${useKey} as an annotation; the webhook looks at labels`
          : `${titleOf(workload)}: its pods have no label ${useKey}, so the webhook passes them by`,
        is: '(none)',
        should: `${useKey}: "true"`,
        at: at(workload),
        edit,
        change,
      },
    ]
  },
}

export const labelTrue: Rule = {
  code: 'WI212',
  title: 'The label is exactly "true"',
  look(workload) {
    const value: unknown = labelsOf(workload)[useKey]
    if (value === undefined || value === 'true') return []
    const text = typeof value === 'string'
    return [
      {
        detail: text
          ? `${titleOf(workload)}: the webhook takes no other value of the label ${useKey}`
          : `${titleOf(workload)}: the label ${useKey} is no text; Kubernetes refuses it`,
        is: text ? JSON.stringify(value) : String(value),
        should: '"true"',
        at: [...at(workload), useKey],
        edit: `write "true", with quotes`,
        change,
      },
    ]
  },
}
