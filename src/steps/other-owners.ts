import { fieldManager, type KubeObject } from '../clients/kubernetes.ts'

/** Returns `contains other resources: a, b and 3 more`. */
export function retainedBecauseOf(names: readonly string[]): string {
  const [shown, more] = names.length > 3 ? [names.slice(0, 2), names.length - 2] : [names, 0]
  return `contains other resources: ${shown.join(', ')}${more ? ` and ${more} more` : ''}`
}

type Fields = Record<string, unknown>

const entriesOf = ({ metadata }: KubeObject) => metadata.managedFields ?? []

/** Whether our field manager owns a field of it. */
export const isPartlyManaged = (object: KubeObject) =>
  entriesOf(object).some(({ manager }) => manager === fieldManager)

/** Returns the field manager, other than ours and the cluster's, that owns a field of it. */
export function otherFieldManager(object: KubeObject): string | undefined {
  const other = entriesOf(object).find(({ manager, fieldsV1 = {} }) => {
    if (manager === fieldManager || manager === 'kube-controller-manager') return false
    const { 'f:metadata': metadata = {}, 'f:status': _, ...rest } = fieldsV1 as Record<string, Fields>
    return Object.keys(rest).length > 0 || Object.keys(metadata).length > 0
  })
  return other?.manager
}
