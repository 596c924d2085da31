import type { Call } from '../../http.ts'
import { forbidden } from '../errors.ts'
import type { KubeCluster } from '../state.ts'
import { authorize } from './rbac.ts'
import type { User } from './tokens.ts'

/** The user that the caller acts as (`Impersonate-User`, `Impersonate-Group`). Throws 403 when they may not. */
export function impersonatedUser(cluster: KubeCluster, caller: User, call: Call): User {
  const name = call.headers['impersonate-user']
  if (typeof name !== 'string') return caller
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name)
  const [resource, namespace, target] = account
    ? ['serviceaccounts', account[1], account[2]!]
    : ['users', undefined, name]
  const groups = [call.headers['impersonate-group'] ?? []].flat().flatMap((each) => each.split(', '))
  const check = (resource: string, name: string, namespace?: string) => {
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
    const where = namespace ? `in the namespace "${namespace}"` : 'at the cluster scope'
    throw forbidden(
      { group: '', name: resource },
      name,
      `User ${JSON.stringify(caller.username)} cannot impersonate resource "${resource}" in API group "" ${where}`,
    )
  }
  check(resource, target, namespace)
  for (const group of groups) check('groups', group)
  const implied = account ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`] : []
  return {
    username: name,
    groups: [...new Set([...(groups.length ? groups : implied), 'system:authenticated'])],
  }
}
