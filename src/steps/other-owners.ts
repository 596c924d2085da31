import { fieldManager, type KubeObject } from '../clients/kubernetes.ts'

/** Returns `a, b, c` or `a, b and 3 more`. */
function shortList(names: readonly string[]): string {
  const [shown, more] = names.length > 3 ? [names.slice(0, 2), names.length - 2] : [names, 0]
  return `${shown.join(', ')}${more ? ` and ${more} more` : ''}`
}

/** Returns `contains other resources: a, b and 3 more`. */
export const retainedBecauseOf = (names: readonly string[]) => `contains other resources: ${shortList(names)}`

/** Returns `also used by shop/billing, repo:contoso/shop and 3 more`; undefined without users. */
export const usedBy = (users: readonly string[]): string | undefined =>
  users.length ? `also used by ${shortList([...new Set(users)])}` : undefined

/** Returns `2 other principals have access to it: <ID>, <ID>`, for the object IDs of others; undefined without any. */
export function accessibleTo(objectIds: readonly string[], access: string): string | undefined {
  const ids = [...new Set(objectIds)]
  if (ids.length === 0) return undefined
  return `${ids.length === 1 ? '1 other principal has' : `${ids.length} other principals have`} ${access}: ${shortList(ids)}`
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
