import type { Settings } from '../settings/settings.ts'
import { sampleName } from '../steps/sample-manifests.ts'
import { webhookConfig, webhookConfiguration, webhookDeployment } from '../steps/webhook-names.ts'
import { proofPodName } from './in-cluster/pod-name.ts'
import { clusterKinds } from './objects/find-objects.ts'

/** A rule of a Role or ClusterRole (rbac.authorization.k8s.io/v1 PolicyRule). */
export interface PolicyRule {
  apiGroups?: string[]
  resources?: string[]
  resourceNames?: string[]
  nonResourceURLs?: string[]
  verbs: string[]
}

/** Rules that one command needs in the workload's namespace, in the webhook's namespace, and in the cluster. */
export interface CommandRules {
  namespace: PolicyRule[]
  webhook: PolicyRule[]
  cluster: PolicyRule[]
}

type RuleSettings = Pick<Settings, 'namespace' | 'serviceAccount' | 'webhook'> &
  Partial<Pick<Settings, 'sample' | 'context' | 'kubeconfig'>>

const rule = (group: string, resource: string, verbs: string[], name?: string): PolicyRule => ({
  apiGroups: [group],
  resources: [resource],
  ...(name === undefined ? {} : { resourceNames: [name] }),
  verbs,
})

/** Rules for server-side apply of one object. `create` can't be restricted by name. */
const applyRules = (group: string, resource: string, name: string): PolicyRule[] => [
  rule(group, resource, ['get', 'patch'], name),
  rule(group, resource, ['create']),
]

/** The evidence from which verify evaluates injection into pods. */
export type InjectionEvidence = 'dry run' | 'configuration'

/** A dry run needs the same right as a real create: RBAC can't tell them apart. */
export const createPods = rule('', 'pods', ['create'])

const readRules = (settings: RuleSettings, evidence: InjectionEvidence): CommandRules => ({
  namespace: [
    rule('', 'serviceaccounts', ['get'], settings.serviceAccount),
    rule('', 'serviceaccounts/token', ['create'], settings.serviceAccount),
    ...(settings.webhook === 'none'
      ? []
      : [evidence === 'dry run' ? createPods : rule('', 'namespaces', ['get'], settings.namespace)]),
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
      : [
          rule('apps', 'deployments', ['get'], webhookDeployment),
          ...(evidence === 'dry run' ? [] : [rule('', 'configmaps', ['get'], webhookConfig)]),
        ],
  cluster: [
    ...(settings.webhook === 'none'
      ? []
      : [
          rule(
            'admissionregistration.k8s.io',
            'mutatingwebhookconfigurations',
            ['get'],
            webhookConfiguration,
          ),
        ]),
    ...(settings.context === undefined && settings.kubeconfig === undefined
      ? []
      : [{ nonResourceURLs: ['/.well-known/openid-configuration', '/openid/v1/jwks'], verbs: ['get'] }]),
  ],
})

const rbac = 'rbac.authorization.k8s.io'

/** Rules for the objects of other controllers, in the namespace or without one. */
const objectRules = (namespaced: boolean): PolicyRule[] => {
  const byGroup = Map.groupBy(
    clusterKinds.filter((each) => each.namespaced === namespaced),
    ({ group }) => group,
  )
  return [...byGroup].map(([group, kinds]) => ({
    apiGroups: [group],
    resources: kinds.map(({ plural }) => plural),
    verbs: ['list'],
  }))
}

/** Rules for `verify --workload` and `--workloads`. */
const workloadReadRules = (settings: RuleSettings): PolicyRule[] => [
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
  ...objectRules(true),
]

/** Returns the rules that each command needs. A set-up ends with the checks, so its rules include those of `verify`. */
export const kubernetesRules = (
  settings: RuleSettings,
  evidence: InjectionEvidence = 'dry run',
): {
  setup: CommandRules
  verify: CommandRules
  inCluster: CommandRules
  workloads: CommandRules
  posture: CommandRules
  bindings: CommandRules
} => {
  const verify = readRules(settings, evidence)
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
    workloads: {
      ...verify,
      namespace: [...verify.namespace, ...workloadReadRules(settings)],
      cluster: [...verify.cluster, ...objectRules(false)],
    },
    // Not of `verify` itself: only workloads with an identity binding of AKS need them.
    bindings: {
      namespace: [rule('', 'pods', ['list'])],
      webhook: [],
      cluster: [rule('authorization.k8s.io', 'subjectaccessreviews', ['create'])],
    },
    inCluster: {
      ...verify,
      namespace: [
        ...verify.namespace,
        createPods,
        rule('', 'pods', ['get', 'patch', 'delete'], proofPodName),
        rule('', 'pods/log', ['get'], proofPodName),
      ],
    },
    setup: {
      ...verify,
      namespace: [
        ...verify.namespace,
        rule('', 'namespaces', ['get'], namespace),
        ...applyRules('', 'serviceaccounts', account),
        ...(settings.sample === false
          ? []
          : [
              ...applyRules('networking.k8s.io', 'networkpolicies', sampleName),
              ...applyRules('', 'configmaps', sampleName),
              ...applyRules('', 'services', sampleName),
              ...applyRules('apps', 'deployments', sampleName),
            ]),
      ],
    },
  }
}
