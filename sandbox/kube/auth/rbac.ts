import { resourceForKind } from '../objects/resources.ts'
import { getObject, listObjects } from '../objects/store.ts'
import type { JsonObject, KubeCluster } from '../state.ts'
import type { User } from './tokens.ts'

/** What someone wants to do: with a resource, or with a path of the server. */
export type AccessAttributes =
  | {
      verb: string
      group: string
      resource: string
      subresource?: string
      namespace?: string
      name?: string
    }
  | { verb: string; path: string }

const matches = (allowed: string[] | undefined, wanted: string) =>
  allowed?.some((each) => each === '*' || each === wanted) ?? false

const covers = (rule: JsonObject, attempt: AccessAttributes): boolean => {
  if (!matches(rule.verbs, attempt.verb)) return false
  if ('path' in attempt)
    return (rule.nonResourceURLs ?? []).some(
      (url: string) =>
        url === attempt.path || (url.endsWith('*') && attempt.path.startsWith(url.slice(0, -1))),
    )
  const { group, resource, subresource, name } = attempt
  const wanted = subresource ? `${resource}/${subresource}` : resource
  return (
    matches(rule.apiGroups, group) &&
    (matches(rule.resources, wanted) ||
      (subresource !== undefined && (rule.resources ?? []).includes(`*/${subresource}`))) &&
    (!rule.resourceNames?.length || (name !== undefined && rule.resourceNames.includes(name)))
  )
}

const isSubject = (subject: JsonObject, user: User, namespace: string | undefined): boolean => {
  if (subject.kind === 'User') return subject.name === user.username
  if (subject.kind === 'Group') return user.groups.includes(subject.name)
  return user.username === `system:serviceaccount:${subject.namespace ?? namespace}:${subject.name}`
}

export interface BoundRole {
  rules: JsonObject[]
  reason: string
}

/** The rules that hold for a user: everywhere, and in the namespace if one is given. */
export function boundRoles(cluster: KubeCluster, user: User, namespace?: string): BoundRole[] {
  const bindings = [
    ...listObjects(cluster, resourceForKind('ClusterRoleBinding')),
    ...(namespace ? listObjects(cluster, resourceForKind('RoleBinding'), namespace) : []),
  ]
  return bindings.flatMap((binding) => {
    const subject = ((binding.subjects ?? []) as JsonObject[]).find((each) =>
      isSubject(each, user, binding.metadata.namespace),
    )
    if (!subject) return []
    const { kind, name } = binding.roleRef
    const home = binding.metadata.namespace
    const role = getObject(cluster, resourceForKind(kind), kind === 'Role' ? home! : '', name)
    if (!role) return []
    const who =
      subject.kind === 'ServiceAccount'
        ? `ServiceAccount "${subject.name}/${subject.namespace ?? home}"`
        : `${subject.kind} "${subject.name}"`
    const from = home
      ? `RoleBinding "${binding.metadata.name}/${home}"`
      : `ClusterRoleBinding "${binding.metadata.name}"`
    return [{ rules: role.rules ?? [], reason: `RBAC: allowed by ${from} of ${kind} "${name}" to ${who}` }]
  })
}

/** Whether the user may, and for those who may by a role, why. */
export function authorize(
  cluster: KubeCluster,
  user: User,
  attempt: AccessAttributes,
): { allowed: boolean; reason: string } {
  if (user.groups.includes('system:masters')) return { allowed: true, reason: '' }
  const namespace = 'namespace' in attempt ? attempt.namespace : undefined
  const grant = boundRoles(cluster, user, namespace).find(({ rules }) =>
    rules.some((rule) => covers(rule, attempt)),
  )
  return grant ? { allowed: true, reason: grant.reason } : { allowed: false, reason: '' }
}
