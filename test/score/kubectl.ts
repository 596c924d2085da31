import { parseAllDocuments } from 'yaml'
import type { JsonObject, KubeRequest } from './apis.ts'
import { parseArgs } from './parse-args.ts'
import { waitForRollout } from './rolled-out.ts'

const collections: Record<string, (namespace: string) => string> = {
  serviceaccount: (namespace) => `/api/v1/namespaces/${namespace}/serviceaccounts`,
  namespace: () => '/api/v1/namespaces',
  deployment: (namespace) => `/apis/apps/v1/namespaces/${namespace}/deployments`,
}

const kinds: Record<string, string> = {
  Role: 'roles',
  RoleBinding: 'rolebindings',
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
}

/** Parses label or annotation changes: `key=value` sets, `key-` removes. */
const changes = (pairs: string[]) =>
  Object.fromEntries(
    pairs.map((pair) =>
      pair.includes('=') ? (pair.split(/=(.*)/s) as [string, string]) : [pair.slice(0, -1), null],
    ),
  )

/** Sends the requests of kubectl for the commands in remedies, where kubectl is not installed. */
export async function emulateKubectl(args: string[], kube: KubeRequest, input: string): Promise<string> {
  const { positionals, options } = parseArgs(args, ['overwrite'])
  const [verb = '', ...rest] = positionals
  const namespace = options.namespace ?? 'default'
  const pathOf = (kind: string, name: string) => `${collections[kind]!(namespace)}/${name}`
  if (verb === 'annotate' || verb === 'label') {
    const [kind, name, ...pairs] = rest
    const field = verb === 'annotate' ? 'annotations' : 'labels'
    await kube('PATCH', pathOf(kind!, name!), { metadata: { [field]: changes(pairs) } })
  } else if (verb === 'scale')
    await kube('PATCH', pathOf(rest[0]!, rest[1]!), { spec: { replicas: Number(options.replicas) } })
  else if (verb === 'rollout' && rest[0] === 'restart')
    await kube('PATCH', pathOf(rest[1]!, rest[2]!), {
      spec: {
        template: {
          metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() } },
        },
      },
    })
  else if (verb === 'rollout' && rest[0] === 'status') await waitForRollout(kube, pathOf(rest[1]!, rest[2]!))
  else if (verb === 'delete') {
    const query = `?labelSelector=${encodeURIComponent(options.selector ?? '')}`
    await kube('DELETE', collections[rest[0]!]!(namespace) + query)
  } else if (verb === 'apply') {
    for (const document of parseAllDocuments(input).map((each) => each.toJSON() as JsonObject | null)) {
      if (!document) continue
      const { kind, metadata } = document
      const scope = metadata.namespace ? `/namespaces/${metadata.namespace}` : ''
      await kube('POST', `/apis/rbac.authorization.k8s.io/v1${scope}/${kinds[kind]}`, document)
    }
  } else throw new Error(`kubectl command not emulated: ${args.join(' ')}`)
  return ''
}
