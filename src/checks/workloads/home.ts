import { inTemplate, type Rule } from './rule.ts'
import { labelsOf, titleOf, useKey } from './workload.ts'

/** Namespaces of AKS's own, besides those that carry its label. */
const reserved = ['kube-system', 'kube-public', 'kube-node-lease']

export const homeServed: Rule = {
  code: 'WI223',
  title: 'Their namespace is not one that the webhook is kept out of',
  look(workload, around) {
    if (labelsOf(workload)[useKey] === undefined) return []
    // In a cluster that is looked at once for all of them, by trying it.
    if (!workload.place && around.target(workload.namespace) !== undefined) return []
    const home = around.home(workload.namespace)
    const isControl = typeof home === 'object' && home.metadata.labels?.['control-plane'] !== undefined
    if (!isControl && !reserved.includes(workload.namespace)) return []
    return [
      {
        detail: `${titleOf(workload)}: AKS keeps webhooks out of the namespace ${workload.namespace}`,
        is: workload.namespace,
        should: 'a namespace of your own',
        at: workload.place ? ['metadata', 'namespace'] : inTemplate(workload),
        edit: 'give it a namespace of its own',
        change: {
          words: `Move it and its service account to another namespace; or, knowing what it means: kubectl annotate mutatingwebhookconfiguration azure-wi-webhook-mutating-webhook-configuration admissions.enforcer/disabled=true`,
        },
      },
    ]
  },
}
