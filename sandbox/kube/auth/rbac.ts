import { resourceForKind } from '../objects/resources.ts'
import { getObject, listObjects } from '../objects/store.ts'
import type { JsonObject, KubeCluster } from '../state.ts'
import type { AccessAttributes } from './access-attributes.ts'
import type { User } from './tokens.ts'

const includesOrAny = (allowed: string[] | undefined, wanted: string) =>
  allowed?.some((each) => each === '*' || each === wanted) ?? false

const ruleAllows = (rule: JsonObject, attributes: AccessAttributes): boolean => {
  if (!includesOrAny(rule.verbs, attributes.verb)) return false
  if ('path' in attributes)
    return (rule.nonResourceURLs ?? []).some(
      (url: string) =>
        url === attributes.path || (url.endsWith('*') && attributes.path.startsWith(url.slice(0, -1))),
    )
  const { group, resource, subresource, name } = attributes
  const wanted = subresource ? `${resource}/${subresource}` : resource
  return (
    includesOrAny(rule.apiGroups, group) &&
    (includesOrAny(rule.resources, wanted) ||
      (subresource !== undefined && (rule.resources ?? []).includes(`*/${subresource}`))) &&
    (!rule.resourceNames?.length || (name !== undefined && rule.resourceNames.includes(name)))
  )
}

const matchesSubject = (subject: JsonObject, user: User, namespace: string | undefined): boolean => {
  if (subject.kind === 'User') return subject.name === user.username
  if (subject.kind === 'Group') return user.groups.includes(subject.name)
  return user.username === `system:serviceaccount:${subject.namespace ?? namespace}:${subject.name}`
}

/** A role that is bound to a user. */
export interface BoundRole {
  rules: JsonObject[]
  /** As in the `reason` of an access review. */
  reason: string
}

/** Returns the roles that are bound to a user cluster-wide and, if given, in a namespace. */
export function boundRoles(cluster: KubeCluster, user: User, namespace?: string): BoundRole[] {
  const bindings = [
    ...listObjects(cluster, resourceForKind('ClusterRoleBinding')),
    ...(namespace ? listObjects(cluster, resourceForKind('RoleBinding'), namespace) : []),
  ]
  return bindings.flatMap((binding) => {
    const subject = ((binding.subjects ?? []) as JsonObject[]).find((each) =>
      matchesSubject(each, user, binding.metadata.namespace),
    )
    if (!subject) return []
    const { kind, name } = binding.roleRef
    const bindingNamespace = binding.metadata.namespace
    const role = getObject(cluster, resourceForKind(kind), kind === 'Role' ? bindingNamespace! : '', name)
    if (!role) return []
    const subjectText =
      subject.kind === 'ServiceAccount'
        ? `ServiceAccount "${subject.name}/${subject.namespace ?? bindingNamespace}"`
        : `${subject.kind} "${subject.name}"`
    const bindingText = bindingNamespace
      ? `RoleBinding "${binding.metadata.name}/${bindingNamespace}"`
      : `ClusterRoleBinding "${binding.metadata.name}"`
    return [
      {
        rules: role.rules ?? [],
        reason: `RBAC: allowed by ${bindingText} of ${kind} "${name}" to ${subjectText}`,
      },
    ]
  })
}

const deniedByAzure =
  'User does not have access to the resource in Azure. Update role assignment to allow access.'

/** Decides whether a role allows the user to do this. The reason is empty for `system:masters`. */
export function authorize(
  cluster: KubeCluster,
  user: User,
  attributes: AccessAttributes,
): { allowed: boolean; reason: string } {
  if (user.groups.includes('system:masters')) return { allowed: true, reason: '' }
  const namespace = 'namespace' in attributes ? attributes.namespace : undefined
  const grant = boundRoles(cluster, user, namespace).find(({ rules }) =>
    rules.some((rule) => ruleAllows(rule, attributes)),
  )
  if (grant) return { allowed: true, reason: grant.reason }
  if (!user.mayByAzure) return { allowed: false, reason: '' }
  return user.mayByAzure(attributes)
    ? { allowed: true, reason: 'Access allowed by Azure RBAC Role Assignment' }
    : { allowed: false, reason: deniedByAzure }
}
