import { instruction, kubectl } from '../../base/command.ts'
import { webhookConfiguration } from '../../steps/webhook-names.ts'
import { inTemplate, type WorkloadRule } from './rule.ts'
import { labelsOf, useLabel, workloadTitle } from './workload.ts'

/** System namespaces, which AKS excludes in addition to those with its labels. */
const reserved = ['kube-system', 'kube-public', 'kube-node-lease']

/**
 * AKS makes every webhook's selector exclude namespaces with these labels. Other values, such as kubebuilder's
 * `control-plane: controller-manager`, are not excluded (Kong/kong-operator#239, DataDog/datadog-agent#55778).
 */
const excludedLabels = { 'control-plane': 'true', 'kubernetes.azure.com/managedby': 'aks' }

/** Returns the label that makes AKS exclude a namespace from webhooks. */
export const excludedBy = (labels: Record<string, string> = {}): string | undefined =>
  Object.entries(excludedLabels).find(([key, value]) => labels[key] === value)?.[0]

export const namespaceNotExcluded: WorkloadRule = {
  code: 'WI223',
  title: "AKS doesn't exclude the workload's namespace from webhooks",
  inspect(workload, context) {
    if (labelsOf(workload)[useLabel] === undefined) return []
    // In a cluster, a dry run checks the namespace once for all workloads (WI206).
    if (!workload.location && context.identityAccount(workload.namespace) !== undefined) return []
    const namespace = context.namespace(workload.namespace)
    const isExcluded = typeof namespace === 'object' && excludedBy(namespace.metadata.labels) !== undefined
    if (!isExcluded && !reserved.includes(workload.namespace)) return []
    return [
      {
        detail: `${workloadTitle(workload)}: AKS excludes namespace ${workload.namespace} from webhooks`,
        is: workload.namespace,
        should: 'another namespace',
        field: workload.location ? ['metadata', 'namespace'] : inTemplate(workload),
        edit: 'move it to another namespace',
        change: {
          instruction: instruction`Move the workload and its service account to another namespace. To exempt the webhook from the exclusion instead, run ${kubectl(['annotate', `mutatingwebhookconfiguration/${webhookConfiguration}`, 'admissions.enforcer/disabled=true'])}`,
        },
      },
    ]
  },
}
