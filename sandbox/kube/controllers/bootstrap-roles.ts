import type { JsonObject } from '../state.ts'

const allResources = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]
const readVerbs = ['get', 'list', 'watch']
const writeVerbs = ['create', 'delete', 'deletecollection', 'patch', 'update']
const namespacedResources = [
  {
    apiGroups: [''],
    resources: ['configmaps', 'endpoints', 'events', 'pods', 'pods/log', 'pods/status', 'services'],
  },
  {
    apiGroups: ['apps'],
    resources: ['daemonsets', 'deployments', 'deployments/scale', 'replicasets', 'statefulsets'],
  },
  { apiGroups: ['batch'], resources: ['cronjobs', 'jobs'] },
  { apiGroups: ['networking.k8s.io'], resources: ['ingresses', 'networkpolicies'] },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'] },
]
const namespacedRules = (verbs: string[]) => namespacedResources.map((part) => ({ ...part, verbs }))
const editRules = [
  { apiGroups: [''], resources: ['pods/proxy', 'services/proxy', 'secrets'], verbs: readVerbs },
  { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['impersonate'] },
  { apiGroups: [''], resources: ['secrets', 'serviceaccounts'], verbs: [...readVerbs, ...writeVerbs] },
  { apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] },
  { apiGroups: [''], resources: ['namespaces'], verbs: readVerbs },
]
/** Rules of the default cluster roles. */
export const bootstrapRoles: Record<string, JsonObject[]> = {
  'cluster-admin': [...allResources, { nonResourceURLs: ['*'], verbs: ['*'] }],
  admin: [
    ...namespacedRules([...readVerbs, ...writeVerbs]),
    ...editRules,
    {
      apiGroups: ['rbac.authorization.k8s.io'],
      resources: ['rolebindings', 'roles'],
      verbs: [...readVerbs, ...writeVerbs],
    },
  ],
  edit: [...namespacedRules([...readVerbs, ...writeVerbs]), ...editRules],
  view: [
    ...namespacedRules(readVerbs),
    { apiGroups: [''], resources: ['serviceaccounts', 'namespaces'], verbs: readVerbs },
  ],
  'system:basic-user': [
    {
      apiGroups: ['authorization.k8s.io'],
      resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
      verbs: ['create'],
    },
    { apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], verbs: ['create'] },
  ],
  'system:discovery': [
    {
      nonResourceURLs: [
        '/api',
        '/api/*',
        '/apis',
        '/apis/*',
        '/healthz',
        '/livez',
        '/openapi',
        '/openapi/*',
        '/readyz',
        '/version',
        '/version/',
      ],
      verbs: ['get'],
    },
  ],
  'system:public-info-viewer': [
    { nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'], verbs: ['get'] },
  ],
  'system:service-account-issuer-discovery': [
    {
      nonResourceURLs: [
        '/.well-known/openid-configuration',
        '/.well-known/openid-configuration/',
        '/openid/v1/jwks',
        '/openid/v1/jwks/',
      ],
      verbs: ['get'],
    },
  ],
}
/** Groups that are bound to default cluster roles. */
export const bootstrapBindings: [name: string, groups: string[]][] = [
  ['cluster-admin', ['system:masters']],
  ['system:basic-user', ['system:authenticated']],
  ['system:discovery', ['system:authenticated']],
  ['system:public-info-viewer', ['system:authenticated', 'system:unauthenticated']],
  ['system:service-account-issuer-discovery', ['system:serviceaccounts']],
]
