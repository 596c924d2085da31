import { covers } from '../kubernetes-rights.ts'
import type { PolicyRule } from '../kubernetes-rules.ts'

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

const allowsEverything = (rule: PolicyRule) =>
  rule.verbs.includes('*') && (rule.apiGroups ?? []).includes('*') && (rule.resources ?? []).includes('*')

/** Returns the risky permissions that these rules grant, each like `read secrets (CIS 5.1.2)`. */
export function riskyPermissions(rules: readonly PolicyRule[], account: string): string[] {
  if (rules.some(allowsEverything)) return ['do everything (CIS 5.1.1)']
  return risks
    .filter(({ rules: wanted }) =>
      wanted.some(([group, resource, verbs]) =>
        // A rule restricted by name matters only if it names the service account.
        verbs.some((verb) => grants(rules, verb, group, resource, account)),
      ),
    )
    .map(({ what, control }) => `${what} (CIS ${control})`)
}

/** Whether a rule grants the verb on all objects of the resource, or on the one of this name. */
function grants(
  rules: readonly PolicyRule[],
  verb: string,
  group: string,
  resource: string,
  name = '',
): boolean {
  const wanted = { apiGroups: [group], resources: [resource], resourceNames: [name] }
  return rules.some((rule) => covers(rule, verb, wanted))
}

/**
 * Reports whether a role creates pods without managing them, as verify's dry run needs it. A controller or a deployer
 * also deletes pods, or creates Deployments.
 */
export const createsPodsOnly = (rules: readonly PolicyRule[]) =>
  grants(rules, 'create', '', 'pods') &&
  !grants(rules, 'delete', '', 'pods') &&
  !grants(rules, 'create', 'apps', 'deployments')
