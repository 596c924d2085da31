import { isGuid } from '../../guid.ts'
import { badRequest } from './bad-request.ts'

export interface Policy {
  tenantId: string
  objectId: string
  applicationId?: string
  permissions: Record<string, string[]>
}

/** Source: the REST reference of Key Vault management. */
const permissionsOf: Record<string, string[]> = {
  secrets: 'all,get,list,set,delete,backup,restore,recover,purge'.split(','),
  keys: 'all,encrypt,decrypt,wrapkey,unwrapkey,sign,verify,get,list,create,update,import,delete,backup,restore,recover,purge,release,rotate,getrotationpolicy,setrotationpolicy'.split(
    ',',
  ),
  certificates:
    'all,get,list,delete,create,import,update,managecontacts,getissuers,listissuers,setissuers,deleteissuers,manageissuers,recover,purge,backup,restore'.split(
      ',',
    ),
}

/** Throws 400 for policies that Key Vault rejects. */
export function checkPolicies(policies: unknown): void {
  if (!Array.isArray(policies))
    throw badRequest('The parameter accessPolicies is not specified or is invalid.')
  if (policies.length > 1024)
    throw badRequest('The number of access policies exceeds the maximum of 1024 per vault.')
  for (const policy of policies as Partial<Policy>[]) {
    if (!isGuid(policy.objectId))
      throw badRequest('An invalid value was provided for accessPolicies: objectId must be a GUID.')
    if (!isGuid(policy.tenantId))
      throw badRequest('An invalid value was provided for accessPolicies: tenantId must be a GUID.')
    if (!policy.permissions || typeof policy.permissions !== 'object')
      throw badRequest('An invalid value was provided for accessPolicies: permissions is missing.')
    for (const [collection, known] of Object.entries(permissionsOf))
      for (const permission of policy.permissions[collection] ?? [])
        if (!known.includes(String(permission).toLowerCase()))
          throw badRequest(
            `An invalid value was provided for accessPolicies: '${permission}' is not a ${collection.slice(0, -1)} permission.`,
          )
  }
}

/** Key Vault parses the IDs of tenants and applications as GUIDs, and returns them in lower case. */
export const normalizePolicy = (policy: Policy): Policy => ({
  ...policy,
  tenantId: policy.tenantId.toLowerCase(),
  ...(policy.applicationId && { applicationId: policy.applicationId.toLowerCase() }),
})

/** Returns the policies after `add`, `replace` or `remove`. There is one per object ID and application ID. */
export function mergePolicies(current: Policy[], input: Policy[], kind: string): Policy[] {
  const key = ({ objectId, applicationId }: Policy) => `${objectId}/${applicationId ?? ''}`.toLowerCase()
  const merged = new Map(current.map((policy) => [key(policy), policy]))
  for (const policy of input) {
    const old = merged.get(key(policy))
    if (kind === 'replace' || (kind === 'add' && !old)) merged.set(key(policy), policy)
    else if (kind === 'add') merged.set(key(policy), { ...old!, permissions: addPermissions(old!, policy) })
    else if (old) {
      const permissions = removePermissions(old, policy)
      if (Object.values(permissions).some((verbs) => verbs.length > 0))
        merged.set(key(policy), { ...old, permissions })
      else merged.delete(key(policy))
    }
  }
  return [...merged.values()]
}

const addPermissions = (old: Policy, added: Policy) => {
  const kinds = new Set([...Object.keys(old.permissions), ...Object.keys(added.permissions)])
  return Object.fromEntries(
    [...kinds].map((kind) => [
      kind,
      [...new Set([...(old.permissions[kind] ?? []), ...(added.permissions[kind] ?? [])])],
    ]),
  )
}

const removePermissions = (old: Policy, removed: Policy) =>
  Object.fromEntries(
    Object.entries(old.permissions).map(([kind, verbs]) => {
      const names = (removed.permissions[kind] ?? []).map((verb) => verb.toLowerCase())
      return [kind, verbs.filter((verb) => !names.includes(verb.toLowerCase()))]
    }),
  )
