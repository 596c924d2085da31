import { quoted } from '../../base/shell.ts'
import type { Kind, KubeObject } from '../../clients/kubernetes.ts'
import { check } from '../../engine/check.ts'
import { clusterReachable } from '../cluster.ts'
import type { PolicyRule } from '../kubernetes-rules.ts'
import { type PostureFinding, postureVerdict, skipIfForbidden } from './verdict.ts'

interface Subject {
  kind: string
  name: string
  namespace?: string
}

/** Permissions that lead to the identity, with the CIS control that restricts them. */
const risks: {
  what: string
  control: string
  rules: [group: string, resource: string, verbs: string[]][]
}[] = [
  { what: 'read secrets', control: '5.1.2', rules: [['', 'secrets', ['get', 'list', 'watch']]] },
  {
    what: 'start pods as any service account',
    control: '5.1.4',
    rules: [
      ['', 'pods', ['create']],
      ['apps', 'deployments', ['create', 'update', 'patch']],
      ['apps', 'statefulsets', ['create', 'update', 'patch']],
      ['apps', 'daemonsets', ['create', 'update', 'patch']],
      ['apps', 'replicasets', ['create', 'update', 'patch']],
      ['batch', 'jobs', ['create']],
      ['batch', 'cronjobs', ['create', 'update', 'patch']],
    ],
  },
  {
    what: 'run commands in pods',
    control: '5.1.4',
    rules: [
      ['', 'pods/exec', ['create', 'get']],
      ['', 'pods/attach', ['create', 'get']],
      ['', 'pods/ephemeralcontainers', ['update', 'patch']],
    ],
  },
  {
    what: 'create service account tokens',
    control: '5.1.13',
    rules: [
      ['', 'serviceaccounts/token', ['create']],
      ['', 'serviceaccounts', ['impersonate']],
    ],
  },
  {
    what: 'change admission webhooks',
    control: '5.1.12',
    rules: [
      ['admissionregistration.k8s.io', 'mutatingwebhookconfigurations', ['create', 'update', 'patch']],
      ['admissionregistration.k8s.io', 'validatingwebhookconfigurations', ['create', 'update', 'patch']],
    ],
  },
]

const matches = (granted: string[] | undefined, wanted: string) =>
  granted !== undefined && (granted.includes('*') || granted.includes(wanted))

const allowsEverything = (rule: PolicyRule) =>
  rule.verbs.includes('*') && (rule.apiGroups ?? []).includes('*') && (rule.resources ?? []).includes('*')

/** Returns the risky permissions that these rules grant, each like `read secrets (CIS 5.1.2)`. */
function riskyPermissions(rules: readonly PolicyRule[], account: string): string[] {
  if (rules.some(allowsEverything)) return ['do everything (CIS 5.1.1)']
  return risks
    .filter(({ rules: wanted }) =>
      wanted.some(([group, resource, verbs]) =>
        rules.some(
          (rule) =>
            matches(rule.apiGroups, group) &&
            matches(rule.resources, resource) &&
            verbs.some((verb) => matches(rule.verbs, verb)) &&
            // A rule restricted by name matters only if it names the service account.
            (!rule.resourceNames?.length || rule.resourceNames.includes(account)),
        ),
      ),
    )
    .map(({ what, control }) => `${what} (CIS ${control})`)
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
function removeSubjectCommand({ kind, metadata, subjects }: KubeObject, index: number): string {
  const namespaceFlag = metadata.namespace ? `-n ${quoted(metadata.namespace)} ` : ''
  const object = `${kind.toLowerCase()} ${quoted(metadata.name)}`
  if (subjects.length === 1) return `kubectl ${namespaceFlag}delete ${object}`
  const patch = [
    { op: 'test', path: `/subjects/${index}/name`, value: subjects[index].name },
    { op: 'remove', path: `/subjects/${index}` },
  ]
  return `kubectl ${namespaceFlag}patch ${object} --type json -p '${JSON.stringify(patch)}'`
}

export const clusterPermissionsNarrow = check()({
  code: 'WI821',
  title: "Broad groups and other pods can't read secrets, start pods or create tokens in the namespace",
  link: 'cluster',
  level: 'warning',
  uses: ['namespace', 'serviceAccount'],
  needs: { api: clusterReachable },
  run: ({ settings: { namespace, serviceAccount }, api: { kube } }) =>
    skipIfForbidden(async () => {
      const bindings = (
        await Promise.all([kube.list('RoleBinding', namespace), kube.list('ClusterRoleBinding')])
      ).flat()
      const findings = await Promise.all(
        bindings.map(async (binding): Promise<PostureFinding[]> => {
          const subjects = (binding.subjects ?? []) as Subject[]
          const relevant = subjects
            .map((each, index) => ({ each, index }))
            .filter(
              ({ each }) =>
                isBroadSubject(each, namespace) ||
                (each.kind === 'ServiceAccount' &&
                  (each.namespace ?? binding.metadata.namespace) === namespace),
            )
          if (!relevant.length) return []
          const { kind, name } = binding.roleRef as { kind: Kind; name: string }
          const role = await kube.get(kind, name, kind === 'Role' ? namespace : undefined)
          const risky = riskyPermissions((role?.rules ?? []) as PolicyRule[], serviceAccount)
          return risky.length
            ? relevant.map(({ each, index }) => ({
                detail: `In namespace ${namespace}, ${describeSubject(each)} can ${joinWithAnd(risky)} through ${binding.kind} ${binding.metadata.name}, which is enough to use this identity or read its data`,
                is: `${each.kind} ${each.name} has the ${kind} ${name}`,
                should: 'only users and controllers that need it',
                remedy: removeSubjectCommand(binding, index),
                severe: isBroadSubject(each, namespace),
              }))
            : []
        }),
      )
      return postureVerdict(findings.flat())
    }),
})

const joinWithAnd = (all: string[]) =>
  all.length > 1 ? `${all.slice(0, -1).join(', ')} and ${all.at(-1)}` : (all[0] ?? '')
