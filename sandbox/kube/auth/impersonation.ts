import type { Call } from '../../http.ts'
import { forbidden } from '../errors.ts'
import type { KubeCluster } from '../state.ts'
import { authorize } from './rbac.ts'
import type { User } from './tokens.ts'

/** Returns the user in `Impersonate-User` and `Impersonate-Group`, or else the caller. Throws 403 if the caller may not impersonate. */
export function impersonatedUser(cluster: KubeCluster, caller: User, call: Call): User {
  const name = call.headers['impersonate-user']
  if (typeof name !== 'string') return caller
  const serviceAccount = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name)
  const [resource, namespace, target] = serviceAccount
    ? ['serviceaccounts', serviceAccount[1], serviceAccount[2]!]
    : ['users', undefined, name]
  const groups = [call.headers['impersonate-group'] ?? []].flat().flatMap((each) => each.split(', '))
  const requireImpersonate = (resource: string, name: string, namespace?: string) => {
    if (
      authorize(cluster, caller, {
        verb: 'impersonate',
        group: '',
        resource,
        name,
        ...(namespace ? { namespace } : {}),
      }).allowed
    )
      return
    const scope = namespace ? `in the namespace "${namespace}"` : 'at the cluster scope'
    throw forbidden(
      { group: '', name: resource },
      name,
      `User ${JSON.stringify(caller.username)} cannot impersonate resource "${resource}" in API group "" ${scope}`,
    )
  }
  requireImpersonate(resource, target, namespace)
  for (const group of groups) requireImpersonate('groups', group)
  const impliedGroups = serviceAccount
    ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
    : []
  return {
    username: name,
    groups: [...new Set([...(groups.length ? groups : impliedGroups), 'system:authenticated'])],
  }
}
