import { inTemplate, type WorkloadRule } from './rule.ts'
import { labelsOf, useLabel, workloadTitle } from './workload.ts'

/** Namespaces of AKS's own, besides those that carry its labels. */
const reserved = ['kube-system', 'kube-public', 'kube-node-lease']

/**
 * What AKS writes into the selector of every webhook: namespaces with these are left out. Another value, like the
 * `controller-manager` of kubebuilder's namespaces, is not (Kong/kong-operator#239, DataDog/datadog-agent#55778).
 */
const spared = { 'control-plane': 'true', 'kubernetes.azure.com/managedby': 'aks' }

/** The label by which AKS keeps webhooks out of a namespace. */
export const excludedBy = (labels: Record<string, string> = {}): string | undefined =>
  Object.entries(spared).find(([key, value]) => labels[key] === value)?.[0]

export const namespaceNotExcluded: WorkloadRule = {
  code: 'WI223',
  title: 'Their namespace is not one that the webhook is kept out of',
  inspect(workload, around) {
    if (labelsOf(workload)[useLabel] === undefined) return []
    // In a cluster that is looked at once for all of them, by trying it.
    if (!workload.location && around.identityAccount(workload.namespace) !== undefined) return []
    const home = around.namespace(workload.namespace)
    const isControl = typeof home === 'object' && excludedBy(home.metadata.labels) !== undefined
    if (!isControl && !reserved.includes(workload.namespace)) return []
    return [
      {
        detail: `${workloadTitle(workload)}: AKS keeps webhooks out of the namespace ${workload.namespace}`,
        is: workload.namespace,
        should: 'a namespace of your own',
        field: workload.location ? ['metadata', 'namespace'] : inTemplate(workload),
        edit: 'give it a namespace of its own',
        change: {
          words: `Move it and its service account to another namespace; or, knowing what it means: kubectl annotate mutatingwebhookconfiguration azure-wi-webhook-mutating-webhook-configuration admissions.enforcer/disabled=true`,
        },
      },
    ]
  },
}
