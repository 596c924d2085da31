import type { KubeObject, Kubernetes } from '../../clients/kubernetes.ts'
import { hasCode } from '../../clients/service-error.ts'
import type { Settings } from '../../settings/settings.ts'
import type { LintContext } from './rule.ts'
import { configMapsOf } from './token-path.ts'
import { accountNameOf, containersOf, labelsOf, useLabel, type Workload } from './workload.ts'

type Given = Pick<Settings, 'audience'> & Pick<LintContext, 'identityAccount'>

/** Every cluster puts it into every namespace. */
const clustersOwn = 'kube-root-ca.crt'

const place = (namespace: string, name: string) => `${namespace}/${name}`

/** Who may not look does not know. */
const seen = async (read: Promise<KubeObject | undefined>): Promise<KubeObject | 'none' | 'unknown'> => {
  try {
    return (await read) ?? 'none'
  } catch (error) {
    if (hasCode(error, 'Forbidden')) return 'unknown'
    throw error
  }
}

/**
 * What the rules ask for about the surroundings of these workloads: from the objects that were given along with them,
 * then from the cluster, if there is one. `deep`: also namespaces and ConfigMaps.
 */
export async function loadLintContext(of: {
  settings: Given
  workloads: readonly Workload[]
  objects?: readonly KubeObject[]
  kube?: Kubernetes
  /** The cluster's, where that is known already. */
  version?: string | undefined
  command: (word: string) => string
  deep: boolean
}): Promise<LintContext> {
  const { settings, workloads, kube, objects = [] } = of
  const known = new Map<string, KubeObject | 'none' | 'unknown'>()
  for (const each of objects)
    known.set(`${each.kind} ${place(each.metadata.namespace ?? '', each.metadata.name)}`, each)
  const need = (kind: 'ServiceAccount' | 'Namespace' | 'ConfigMap', namespace: string, name: string) => {
    const key = `${kind} ${place(kind === 'Namespace' ? '' : namespace, name)}`
    if (known.has(key)) return undefined
    known.set(key, 'unknown')
    if (!kube) return undefined
    const read = kube.get(kind, name, kind === 'Namespace' ? undefined : namespace)
    return seen(read).then((found) => known.set(key, found))
  }
  await Promise.all(
    workloads.flatMap((each) => [
      need('ServiceAccount', each.namespace, accountNameOf(each)),
      ...(of.deep
        ? [
            need('Namespace', each.namespace, each.namespace),
            ...(labelsOf(each)[useLabel] === undefined ? [] : containersOf(each))
              .flatMap((container) => configMapsOf(each, container))
              .filter((name) => name !== clustersOwn)
              .map((name) => need('ConfigMap', each.namespace, name)),
          ]
        : []),
    ]),
  )
  const object = (kind: string, namespace: string, name: string) => {
    const found = known.get(`${kind} ${place(namespace, name)}`)
    return typeof found === 'object' ? found : ('unknown' as const)
  }
  return {
    audience: settings.audience,
    identityAccount: settings.identityAccount,
    serviceAccount: (namespace, name) => known.get(`ServiceAccount ${place(namespace, name)}`) ?? 'unknown',
    namespace: (name) => object('Namespace', '', name),
    configMap: (namespace, name) => object('ConfigMap', namespace, name),
    kubernetesVersion: of.version ?? (kube && (await kube.version()).replace(/^v/, '')),
    webhookVersion: undefined,
    command: of.command,
  }
}
