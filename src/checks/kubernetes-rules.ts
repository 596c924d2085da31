import type { Settings } from '../settings/settings.ts'
import { sampleName } from '../steps/sample.ts'
import { proofPodName } from './in-cluster/pod-name.ts'

/** A rule as in a Role. */
export interface PolicyRule {
  apiGroups?: string[]
  resources?: string[]
  resourceNames?: string[]
  nonResourceURLs?: string[]
  verbs: string[]
}

/** The rights of one command: in the workload's namespace, in the webhook's, and in the cluster. */
export interface CommandRules {
  namespace: PolicyRule[]
  webhook: PolicyRule[]
  cluster: PolicyRule[]
}

type Which = Pick<Settings, 'namespace' | 'serviceAccount' | 'webhook'> &
  Partial<Pick<Settings, 'sample' | 'context' | 'kubeconfig'>>

const rule = (group: string, resource: string, verbs: string[], name?: string): PolicyRule => ({
  apiGroups: [group],
  resources: [resource],
  ...(name === undefined ? {} : { resourceNames: [name] }),
  verbs,
})

/** Server-side apply of an object of this name: creating takes a right of its own, which cannot be for one name. */
const applied = (group: string, resource: string, name: string): PolicyRule[] => [
  rule(group, resource, ['get', 'patch'], name),
  rule(group, resource, ['create']),
]

const reading = (settings: Which): CommandRules => ({
  namespace: [
    rule('', 'serviceaccounts', ['get'], settings.serviceAccount),
    rule('', 'serviceaccounts/token', ['create'], settings.serviceAccount),
    // A dry run: Kubernetes has no right of its own for it.
    ...(settings.webhook === 'none' ? [] : [rule('', 'pods', ['create'])]),
    ...(settings.sample === false
      ? []
      : [
          rule('apps', 'deployments', ['get'], sampleName),
          rule('', 'services/proxy', ['get'], `${sampleName}:80`),
        ]),
  ],
  webhook:
    settings.webhook === 'none'
      ? []
      : [rule('apps', 'deployments', ['get'], 'azure-wi-webhook-controller-manager')],
  cluster: [
    ...(settings.webhook === 'none'
      ? []
      : [
          rule(
            'admissionregistration.k8s.io',
            'mutatingwebhookconfigurations',
            ['get'],
            'azure-wi-webhook-mutating-webhook-configuration',
          ),
        ]),
    ...(settings.context === undefined && settings.kubeconfig === undefined
      ? []
      : [{ nonResourceURLs: ['/.well-known/openid-configuration', '/openid/v1/jwks'], verbs: ['get'] }]),
  ],
})

const rbac = 'rbac.authorization.k8s.io'

/** `verify --workload` and `--workloads`: what workloads there are, how they are written, and what they name. */
const workloads = (settings: Which): PolicyRule[] => [
  rule('', 'pods', ['get', 'list']),
  rule('', 'serviceaccounts', ['get']),
  rule('', 'configmaps', ['get']),
  rule('', 'namespaces', ['get'], settings.namespace),
  {
    apiGroups: ['apps'],
    resources: ['deployments', 'statefulsets', 'daemonsets', 'replicasets'],
    verbs: ['get', 'list'],
  },
  { apiGroups: ['batch'], resources: ['jobs', 'cronjobs'], verbs: ['get', 'list'] },
]

/** What each command asks of the API server, by command. The whole job proves itself, so it holds what `verify` needs. */
export const kubernetesRules = (
  settings: Which,
): {
  setup: CommandRules
  verify: CommandRules
  inCluster: CommandRules
  workloads: CommandRules
  posture: CommandRules
} => {
  const verify = reading(settings)
  const { namespace, serviceAccount: account } = settings
  return {
    verify,
    posture: {
      ...verify,
      namespace: [
        ...verify.namespace,
        rule('', 'namespaces', ['get'], namespace),
        rule('', 'pods', ['list']),
        rule(rbac, 'rolebindings', ['list']),
        rule(rbac, 'roles', ['get']),
      ],
      cluster: [
        ...verify.cluster,
        rule(rbac, 'clusterrolebindings', ['list']),
        rule(rbac, 'clusterroles', ['get']),
      ],
    },
    workloads: { ...verify, namespace: [...verify.namespace, ...workloads(settings)] },
    inCluster: {
      ...verify,
      namespace: [
        ...verify.namespace,
        rule('', 'pods', ['create']),
        rule('', 'pods', ['get', 'patch', 'delete'], proofPodName),
        rule('', 'pods/log', ['get'], proofPodName),
      ],
    },
    setup: {
      ...verify,
      namespace: [
        ...verify.namespace,
        rule('', 'namespaces', ['get'], namespace),
        ...applied('', 'serviceaccounts', account),
        ...(settings.sample === false
          ? []
          : [
              ...applied('', 'configmaps', sampleName),
              ...applied('', 'services', sampleName),
              ...applied('apps', 'deployments', sampleName),
            ]),
      ],
    },
  }
}
