import type { JsonObject } from '../state.ts'

const everything = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]
const reading = ['get', 'list', 'watch']
const writing = ['create', 'delete', 'deletecollection', 'patch', 'update']
const namespacedParts = [
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
const grant = (verbs: string[]) => namespacedParts.map((part) => ({ ...part, verbs }))
const editing = [
  { apiGroups: [''], resources: ['pods/proxy', 'services/proxy', 'secrets'], verbs: reading },
  { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['impersonate'] },
  { apiGroups: [''], resources: ['secrets', 'serviceaccounts'], verbs: [...reading, ...writing] },
  { apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] },
  { apiGroups: [''], resources: ['namespaces'], verbs: reading },
]
/** The cluster roles that every API server keeps, with their rules. */
export const bootstrapRoles: Record<string, JsonObject[]> = {
  'cluster-admin': [...everything, { nonResourceURLs: ['*'], verbs: ['*'] }],
  admin: [
    ...grant([...reading, ...writing]),
    ...editing,
    {
      apiGroups: ['rbac.authorization.k8s.io'],
      resources: ['rolebindings', 'roles'],
      verbs: [...reading, ...writing],
    },
  ],
  edit: [...grant([...reading, ...writing]), ...editing],
  view: [
    ...grant(reading),
    { apiGroups: [''], resources: ['serviceaccounts', 'namespaces'], verbs: reading },
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
/** Which groups have them from the start. */
export const bootstrapBindings: [name: string, groups: string[]][] = [
  ['cluster-admin', ['system:masters']],
  ['system:basic-user', ['system:authenticated']],
  ['system:discovery', ['system:authenticated']],
  ['system:public-info-viewer', ['system:authenticated', 'system:unauthenticated']],
  ['system:service-account-issuer-discovery', ['system:serviceaccounts']],
]
