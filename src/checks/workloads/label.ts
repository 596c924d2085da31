import { clientIdKey } from '../../steps/service-account.ts'
import { mountsOwnToken, namesTokenFile } from './own-token.ts'
import { inTemplate, type LintContext, type RuleFinding, type WorkloadRule } from './rule.ts'
import { callsAzure, signsInByDriver } from './secrets-store.ts'
import { accountNameOf, annotationsOf, labelsOf, useLabel, type Workload, workloadTitle } from './workload.ts'

const change: RuleFinding['change'] = { template: { metadata: { labels: { [useLabel]: 'true' } } } }
const edit = `add ${useLabel}: "true"`
const labelsField = (workload: Workload) => inTemplate(workload, 'metadata', 'labels')

const isLabeledItself = ({ kind, object }: Workload) =>
  kind !== 'Pod' && object.metadata.labels?.[useLabel] !== undefined

const isMissing = (workload: Workload) => labelsOf(workload)[useLabel] === undefined

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

const hasAnnotatedAccount = (workload: Workload, context: LintContext) => {
  const name = accountNameOf(workload)
  const found = context.serviceAccount(workload.namespace, name)
  return (
    name === context.identityAccount(workload.namespace) ||
    (typeof found === 'object' && found.metadata.annotations?.[clientIdKey] !== undefined)
  )
}

export const labelPresent: WorkloadRule = {
  code: 'WI222',
  title: 'Every workload that uses the service account has the label azure.workload.identity/use',
  inspect(workload, context) {
    if (!isMissing(workload) || isLabeledItself(workload)) return []
    if (mountsOwnToken(workload, context.audience)) return []
    // WI228 tells what is missing of the pods' own token.
    if (namesTokenFile(workload) && !hasAnnotatedAccount(workload, context)) return []
    const annotated = annotationsOf(workload)[useLabel] !== undefined
    const byDriver = !annotated && signsInByDriver(workload, context)
    if (byDriver && !callsAzure(workload)) return []
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
        ...(byDriver ? { warning: true } : {}),
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
