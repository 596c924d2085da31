import type { JsonObject } from '../state.ts'

/** A resource that the API server serves. */
export interface ApiResource {
  group: string
  version: string
  /** Plural, as in paths. */
  name: string
  kind: string
  namespaced: boolean
  shortNames: string[]
  /** Has a `status` subresource. */
  status: boolean
  subresources: string[]
  /** Only `create` is served: the response is computed and nothing is stored. */
  review: boolean
  /** From a CustomResourceDefinition. */
  custom?: { storageVersion: string; schema: JsonObject }
}

/** `traits`: n = namespaced, s = has a status, r = review. */
type Row = [name: string, kind: string, traits?: string, shortNames?: string, subresources?: string]

const rows: Record<string, Row[]> = {
  v1: [
    ['configmaps', 'ConfigMap', 'n', 'cm'],
    ['endpoints', 'Endpoints', 'n', 'ep'],
    ['events', 'Event', 'n', 'ev'],
    ['namespaces', 'Namespace', 's', 'ns', 'finalize'],
    ['nodes', 'Node', 's', 'no'],
    ['pods', 'Pod', 'ns', 'po', 'log proxy'],
    ['resourcequotas', 'ResourceQuota', 'ns', 'quota'],
    ['limitranges', 'LimitRange', 'n', 'limits'],
    ['secrets', 'Secret', 'n'],
    ['serviceaccounts', 'ServiceAccount', 'n', 'sa', 'token'],
    ['services', 'Service', 'ns', 'svc', 'proxy'],
  ],
  'apps/v1': [
    ['deployments', 'Deployment', 'ns', 'deploy', 'scale'],
    ['replicasets', 'ReplicaSet', 'ns', 'rs', 'scale'],
    ['statefulsets', 'StatefulSet', 'ns', 'sts'],
    ['daemonsets', 'DaemonSet', 'ns', 'ds'],
  ],
  'batch/v1': [
    ['jobs', 'Job', 'ns'],
    ['cronjobs', 'CronJob', 'ns', 'cj'],
  ],
  'policy/v1': [['poddisruptionbudgets', 'PodDisruptionBudget', 'ns', 'pdb']],
  'networking.k8s.io/v1': [
    ['networkpolicies', 'NetworkPolicy', 'n', 'netpol'],
    ['ingresses', 'Ingress', 'ns', 'ing'],
  ],
  'rbac.authorization.k8s.io/v1': [
    ['clusterrolebindings', 'ClusterRoleBinding'],
    ['clusterroles', 'ClusterRole'],
    ['rolebindings', 'RoleBinding', 'n'],
    ['roles', 'Role', 'n'],
  ],
  'admissionregistration.k8s.io/v1': [
    ['mutatingwebhookconfigurations', 'MutatingWebhookConfiguration'],
    ['validatingwebhookconfigurations', 'ValidatingWebhookConfiguration'],
  ],
  'apiextensions.k8s.io/v1': [['customresourcedefinitions', 'CustomResourceDefinition', 's', 'crd crds']],
  'discovery.k8s.io/v1': [['endpointslices', 'EndpointSlice', 'n']],
  'authentication.k8s.io/v1': [
    ['selfsubjectreviews', 'SelfSubjectReview', 'r'],
    ['tokenreviews', 'TokenReview', 'r'],
  ],
  'authorization.k8s.io/v1': [
    ['localsubjectaccessreviews', 'LocalSubjectAccessReview', 'nr'],
    ['selfsubjectaccessreviews', 'SelfSubjectAccessReview', 'r'],
    ['selfsubjectrulesreviews', 'SelfSubjectRulesReview', 'r'],
    ['subjectaccessreviews', 'SubjectAccessReview', 'r'],
  ],
}

export const resources: ApiResource[] = Object.entries(rows).flatMap(([groupVersion, kinds]) => {
  const [version = '', group = ''] = groupVersion.split('/').reverse()
  return kinds.map(([name, kind, traits = '', shortNames = '', subresources = '']) => ({
    group,
    version,
    name,
    kind,
    namespaced: traits.includes('n'),
    status: traits.includes('s'),
    review: traits.includes('r'),
    shortNames: shortNames.split(' ').filter(Boolean),
    subresources: [...subresources.split(' ').filter(Boolean), ...(traits.includes('s') ? ['status'] : [])],
  }))
})

export const groupVersion = (resource: { group: string; version: string }) =>
  resource.group ? `${resource.group}/${resource.version}` : resource.version

const byKind = new Map(resources.map((each) => [each.kind, each]))

/** Returns the resource of a kind that is known to be served. */
export const resourceForKind = (kind: string): ApiResource => byKind.get(kind)!
