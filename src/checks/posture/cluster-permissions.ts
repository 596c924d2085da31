import { kubectl, piped, type Script, withArgs } from '../../base/command.ts'
import type { Kind, KubeObject } from '../../clients/kubernetes.ts'
import { check } from '../../engine/check.ts'
import type { Settings } from '../../settings/settings.ts'
import { clusterReachable } from '../cluster.ts'
import type { PolicyRule } from '../kubernetes-rules.ts'
import { createsPodsOnly, riskyPermissions } from './risky-permissions.ts'
import { type PostureFinding, postureVerdict, skipIfForbidden } from './verdict.ts'

interface Subject {
  kind: string
  name: string
  namespace?: string
}

const isBroadSubject = ({ kind, name }: Subject, namespace: string) =>
  (kind === 'Group' &&
    [
      'system:authenticated',
      'system:unauthenticated',
      'system:serviceaccounts',
      `system:serviceaccounts:${namespace}`,
    ].includes(name)) ||
  (kind === 'User' && name === 'system:anonymous')

const describeSubject = ({ kind, name }: Subject) => {
  if (kind === 'ServiceAccount') return `pods with service account ${name}`
  const groups: Record<string, string> = {
    'system:authenticated': 'every authenticated user',
    'system:unauthenticated': 'anyone, even unauthenticated,',
    'system:anonymous': 'anyone, even unauthenticated,',
    'system:serviceaccounts': 'every pod in the cluster',
  }
  return groups[name] ?? 'every pod in the namespace'
}

/** Returns the command that removes one subject from a binding, or the binding if it has no other subject. */
function removeSubjectCommand({ kind, metadata, subjects }: KubeObject, index: number): Script {
  const { namespace } = metadata
  const object = `${kind.toLowerCase()}/${metadata.name}`
  if (subjects.length === 1) return kubectl(['delete', object], { namespace })
  const patch = [
    { op: 'test', path: `/subjects/${index}/name`, value: subjects[index].name },
    { op: 'remove', path: `/subjects/${index}` },
  ]
  return kubectl(['patch', object], { namespace, type: 'json', patch: JSON.stringify(patch) })
}

export const clusterPermissionsNarrow = check()({
  code: 'WI821',
  title: "Broad groups and other pods can't read secrets, start pods or create tokens in the namespace",
  link: 'cluster',
  level: 'warning',
  uses: ['namespace', 'serviceAccount'],
  needs: { api: clusterReachable },
  run: ({ settings, api: { kube }, command }) =>
    skipIfForbidden(async () => {
      const { namespace } = settings
      const bindings = (
        await Promise.all([kube.list('RoleBinding', namespace), kube.list('ClusterRoleBinding')])
      ).flat()
      const printRoles = piped(
        withArgs(command('permissions', 'namespace', 'serviceAccount'), '--without-injection'),
        kubectl(['apply'], { filename: '-' }),
      )
      const findings = await Promise.all(
        bindings.map(async (binding) => {
          const subjects = (binding.subjects ?? []) as Subject[]
          // Built-in cluster roles are many, and are bound to controllers.
          if (binding.kind !== 'RoleBinding' && !subjects.some((each) => isRisky(each, binding, namespace)))
            return []
          const { kind, name } = binding.roleRef as { kind: Kind; name: string }
          const role = await kube.get(kind, name, kind === 'Role' ? namespace : undefined)
          const rules = (role?.rules ?? []) as PolicyRule[]
          return subjects.flatMap((subject, index) =>
            isRisky(subject, binding, namespace)
              ? broadFindings(binding, index, rules, settings)
              : dryRunFindings(binding, index, rules, { namespace, printRoles }),
          )
        }),
      )
      return postureVerdict(findings.flat())
    }),
})

const isRisky = (subject: Subject, binding: KubeObject, namespace: string) =>
  isBroadSubject(subject, namespace) ||
  (subject.kind === 'ServiceAccount' && (subject.namespace ?? binding.metadata.namespace) === namespace)

const describeGrant = (binding: KubeObject, { kind, name }: Subject) =>
  `${kind} ${name} has the ${binding.roleRef.kind} ${binding.roleRef.name}`

/** Returns what a broad group, or a pod in the namespace, can do to reach the identity. */
function broadFindings(
  binding: KubeObject,
  index: number,
  rules: readonly PolicyRule[],
  { namespace, serviceAccount }: Pick<Settings, 'namespace' | 'serviceAccount'>,
): PostureFinding[] {
  const subject = binding.subjects[index] as Subject
  const risky = riskyPermissions(rules, serviceAccount)
  if (!risky.length) return []
  return [
    {
      detail: `In namespace ${namespace}, ${describeSubject(subject)} can ${joinWithAnd(risky)} through ${binding.kind} ${binding.metadata.name}, which is enough to use this identity or read its data`,
      is: describeGrant(binding, subject),
      should: 'only users and controllers that need it',
      remedy: removeSubjectCommand(binding, index),
      severe: isBroadSubject(subject, namespace),
    },
  ]
}

/** Reports users and service accounts of other namespaces with a role that creates pods for a dry run, as verify's does. */
function dryRunFindings(
  binding: KubeObject,
  index: number,
  rules: readonly PolicyRule[],
  { namespace, printRoles }: { namespace: string; printRoles: Script },
): PostureFinding[] {
  const subject = binding.subjects[index] as Subject
  if (!createsPodsOnly(rules)) return []
  return [
    {
      detail: `In namespace ${namespace}, ${subject.kind} ${subject.name} can start pods as any service account (CIS 5.1.4) through ${binding.kind} ${binding.metadata.name}: RBAC can't restrict the right to create pods to dry runs`,
      is: describeGrant(binding, subject),
      should: 'a role without the right to create pods',
      remedy: readingRoles.includes(binding.roleRef.name) ? printRoles : removeSubjectCommand(binding, index),
    },
  ]
}

/** The roles of `permissions` that include the right to create pods only for a dry run. */
const readingRoles = ['wi-setup-verify', 'wi-setup-workloads', 'wi-setup-posture']

const joinWithAnd = (all: string[]) =>
  all.length > 1 ? `${all.slice(0, -1).join(', ')} and ${all.at(-1)}` : (all[0] ?? '')
