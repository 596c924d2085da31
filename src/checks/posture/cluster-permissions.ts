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

/** Rights with which one gets at the identity, with the control that wants them kept few. */
const ways: { what: string; control: string; asks: [group: string, resource: string, verbs: string[]][] }[] =
  [
    { what: 'read secrets', control: '5.1.2', asks: [['', 'secrets', ['get', 'list', 'watch']]] },
    {
      what: 'start pods as any service account',
      control: '5.1.4',
      asks: [
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
      asks: [
        ['', 'pods/exec', ['create', 'get']],
        ['', 'pods/attach', ['create', 'get']],
        ['', 'pods/ephemeralcontainers', ['update', 'patch']],
      ],
    },
    {
      what: 'make tokens of service accounts',
      control: '5.1.13',
      asks: [
        ['', 'serviceaccounts/token', ['create']],
        ['', 'serviceaccounts', ['impersonate']],
      ],
    },
    {
      what: 'change admission webhooks',
      control: '5.1.12',
      asks: [
        ['admissionregistration.k8s.io', 'mutatingwebhookconfigurations', ['create', 'update', 'patch']],
        ['admissionregistration.k8s.io', 'validatingwebhookconfigurations', ['create', 'update', 'patch']],
      ],
    },
  ]

const holds = (given: string[] | undefined, wanted: string) =>
  given !== undefined && (given.includes('*') || given.includes(wanted))

const everything = (rule: PolicyRule) =>
  rule.verbs.includes('*') && (rule.apiGroups ?? []).includes('*') && (rule.resources ?? []).includes('*')

/** What these rules allow of that, in words: `read secrets (CIS 5.1.2)`. */
function allowed(rules: readonly PolicyRule[], account: string): string[] {
  if (rules.some(everything)) return ['do everything (CIS 5.1.1)']
  return ways
    .filter(({ asks }) =>
      asks.some(([group, resource, verbs]) =>
        rules.some(
          (rule) =>
            holds(rule.apiGroups, group) &&
            holds(rule.resources, resource) &&
            verbs.some((verb) => holds(rule.verbs, verb)) &&
            // Bound to certain names, it matters for the service account alone.
            (!rule.resourceNames?.length || rule.resourceNames.includes(account)),
        ),
      ),
    )
    .map(({ what, control }) => `${what} (CIS ${control})`)
}

const isEverybody = ({ kind, name }: Subject, namespace: string) =>
  (kind === 'Group' &&
    [
      'system:authenticated',
      'system:unauthenticated',
      'system:serviceaccounts',
      `system:serviceaccounts:${namespace}`,
    ].includes(name)) ||
  (kind === 'User' && name === 'system:anonymous')

const saysWho = ({ kind, name }: Subject) => {
  if (kind === 'ServiceAccount') return `pods of the service account ${name}`
  const groups: Record<string, string> = {
    'system:authenticated': 'everybody who is signed in',
    'system:unauthenticated': 'everybody, without signing in',
    'system:anonymous': 'everybody, without signing in',
    'system:serviceaccounts': 'every pod of the cluster',
  }
  return groups[name] ?? 'every pod of the namespace'
}

/** Takes one subject out of a binding, or the binding away if there is no other. */
function withoutSubject({ kind, metadata, subjects }: KubeObject, index: number): string {
  const inside = metadata.namespace ? `-n ${quoted(metadata.namespace)} ` : ''
  const object = `${kind.toLowerCase()} ${quoted(metadata.name)}`
  if (subjects.length === 1) return `kubectl ${inside}delete ${object}`
  const patch = [
    { op: 'test', path: `/subjects/${index}/name`, value: subjects[index].name },
    { op: 'remove', path: `/subjects/${index}` },
  ]
  return `kubectl ${inside}patch ${object} --type json -p '${JSON.stringify(patch)}'`
}

export const clusterPermissionsNarrow = check()({
  code: 'WI821',
  title:
    'Neither everybody nor other pods of the namespace may read secrets, start pods or make tokens there',
  link: 'cluster',
  level: 'warning',
  uses: ['namespace', 'serviceAccount'],
  needs: { api: clusterReachable },
  run: ({ settings: { namespace, serviceAccount }, api: { kube } }) =>
    skipIfForbidden(async () => {
      const bindings = (
        await Promise.all([kube.list('RoleBinding', namespace), kube.list('ClusterRoleBinding')])
      ).flat()
      const found = await Promise.all(
        bindings.map(async (binding): Promise<PostureFinding[]> => {
          const subjects = (binding.subjects ?? []) as Subject[]
          const matters = subjects
            .map((each, index) => ({ each, index }))
            .filter(
              ({ each }) =>
                isEverybody(each, namespace) ||
                (each.kind === 'ServiceAccount' &&
                  (each.namespace ?? binding.metadata.namespace) === namespace),
            )
          if (!matters.length) return []
          const { kind, name } = binding.roleRef as { kind: Kind; name: string }
          const role = await kube.get(kind, name, kind === 'Role' ? namespace : undefined)
          const may = allowed((role?.rules ?? []) as PolicyRule[], serviceAccount)
          return may.length
            ? matters.map(({ each, index }) => ({
                detail: `In ${namespace}, ${saysWho(each)} may ${listed(may)}, by the ${binding.kind} ${binding.metadata.name}: enough to be this identity or to see what it sees`,
                is: `${each.kind} ${each.name} has the ${kind} ${name}`,
                should: 'only the people and controllers that need it',
                remedy: withoutSubject(binding, index),
                grave: isEverybody(each, namespace),
              }))
            : []
        }),
      )
      return postureVerdict(found.flat())
    }),
})

const listed = (all: string[]) =>
  all.length > 1 ? `${all.slice(0, -1).join(', ')} and ${all.at(-1)}` : (all[0] ?? '')
