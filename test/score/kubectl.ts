import { parseAllDocuments } from 'yaml'
import type { JsonObject, KubeRequest } from './apis.ts'
import { parseArgs } from './parse-args.ts'
import { waitForRollout } from './rolled-out.ts'

const places: Record<string, (namespace: string) => string> = {
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

/** `key=value` sets, `key-` takes away. */
const changes = (words: string[]) =>
  Object.fromEntries(
    words.map((word) =>
      word.includes('=') ? (word.split(/=(.*)/s) as [string, string]) : [word.slice(0, -1), null],
    ),
  )

/** Where there is no kubectl: the requests that it would send, for the few commands that remedies use. */
export async function emulateKubectl(args: string[], kube: KubeRequest, input: string): Promise<string> {
  const { words, options } = parseArgs(args, ['overwrite'])
  const [verb = '', ...rest] = words
  const namespace = options.namespace ?? 'default'
  const at = (kind: string, name: string) => `${places[kind]!(namespace)}/${name}`
  if (verb === 'annotate' || verb === 'label') {
    const [kind, name, ...pairs] = rest
    const field = verb === 'annotate' ? 'annotations' : 'labels'
    await kube('PATCH', at(kind!, name!), { metadata: { [field]: changes(pairs) } })
  } else if (verb === 'scale')
    await kube('PATCH', at(rest[0]!, rest[1]!), { spec: { replicas: Number(options.replicas) } })
  else if (verb === 'rollout' && rest[0] === 'restart')
    await kube('PATCH', at(rest[1]!, rest[2]!), {
      spec: {
        template: {
          metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() } },
        },
      },
    })
  else if (verb === 'rollout' && rest[0] === 'status') await waitForRollout(kube, at(rest[1]!, rest[2]!))
  else if (verb === 'delete') {
    const query = `?labelSelector=${encodeURIComponent(options.selector ?? '')}`
    await kube('DELETE', places[rest[0]!]!(namespace) + query)
  } else if (verb === 'apply') {
    for (const document of parseAllDocuments(input).map((each) => each.toJSON() as JsonObject | null)) {
      if (!document) continue
      const { kind, metadata } = document
      const inside = metadata.namespace ? `/namespaces/${metadata.namespace}` : ''
      await kube('POST', `/apis/rbac.authorization.k8s.io/v1${inside}/${kinds[kind]}`, document)
    }
  } else throw new Error(`No such kubectl here: ${args.join(' ')}`)
  return ''
}
