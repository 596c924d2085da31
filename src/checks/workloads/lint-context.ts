import type { Script } from '../../base/command.ts'
import type { KubeObject, Kubernetes } from '../../clients/kubernetes.ts'
import { hasCode } from '../../clients/service-error.ts'
import type { Settings } from '../../settings/settings.ts'
import { clientIdKey } from '../../steps/service-account.ts'
import type { AccountReference } from '../objects/object-kind.ts'
import { usesPodTokens } from '../objects/secret-provider-class.ts'
import type { LintContext } from './rule.ts'
import { configMapsOf } from './token-path.ts'
import { accountNameOf, containersOf, labelsOf, useLabel, type Workload } from './workload.ts'

type LintSettings = Pick<Settings, 'audience'> & Pick<LintContext, 'identityAccount'>

type Kind = 'ServiceAccount' | 'Namespace' | 'ConfigMap'

/** Kubernetes creates this ConfigMap in every namespace. */
const rootCaConfigMap = 'kube-root-ca.crt'

const keyOf = (kind: string, namespace: string, name: string) => `${kind} ${namespace}/${name}`

const unknownIfForbidden = async (
  read: Promise<KubeObject | undefined>,
): Promise<KubeObject | 'none' | 'unknown'> => {
  try {
    return (await read) ?? 'none'
  } catch (error) {
    if (hasCode(error, 'Forbidden')) return 'unknown'
    throw error
  }
}

/**
 * Loads the objects that the rules need about these workloads: from the given objects first, then from the cluster, if
 * there is one. `deep` includes namespaces and ConfigMaps.
 */
export async function loadLintContext(options: {
  settings: LintSettings
  workloads: readonly Workload[]
  objects?: readonly KubeObject[]
  kube?: Kubernetes
  /** Further service accounts that are needed. */
  accounts?: readonly AccountReference[]
  /** The cluster's Kubernetes version, if known. */
  version?: string | undefined
  command: (name: string) => Script
  deep: boolean
}): Promise<LintContext> {
  const { settings, workloads, kube, objects = [], accounts = [], deep, version, command } = options
  const known = new Map<string, KubeObject | 'none' | 'unknown'>()
  for (const each of objects)
    known.set(keyOf(each.kind, each.metadata.namespace ?? '', each.metadata.name), each)
  const load = (kind: Kind, namespace: string, name: string) => {
    const key = keyOf(kind, kind === 'Namespace' ? '' : namespace, name)
    if (known.has(key)) return undefined
    known.set(key, 'unknown')
    if (!kube) return undefined
    const read = kube.get(kind, name, kind === 'Namespace' ? undefined : namespace)
    return unknownIfForbidden(read).then((found) => known.set(key, found))
  }
  await Promise.all([
    ...accounts.map(({ namespace, name }) => load('ServiceAccount', namespace, name)),
    ...workloads.flatMap((workload) => {
      const { namespace } = workload
      const account = load('ServiceAccount', namespace, accountNameOf(workload))
      if (!deep) return [account]
      return [
        account,
        load('Namespace', namespace, namespace),
        ...configMapNames(workload).map((name) => load('ConfigMap', namespace, name)),
      ]
    }),
  ])
  const object = (kind: Kind, namespace: string, name: string) => {
    const found = known.get(keyOf(kind, namespace, name))
    return typeof found === 'object' ? found : ('unknown' as const)
  }
  return {
    audience: settings.audience,
    identityAccount: settings.identityAccount,
    serviceAccount: (namespace, name) => known.get(keyOf('ServiceAccount', namespace, name)) ?? 'unknown',
    clientIdElsewhere(namespace) {
      const found = objects.find(
        ({ kind, metadata }) =>
          !['ServiceAccount', 'Pod'].includes(kind) &&
          (kind === 'Namespace' ? metadata.name : metadata.namespace) === namespace &&
          metadata.annotations?.[clientIdKey] !== undefined,
      )
      return (
        found && `${found.kind} ${found.kind === 'Namespace' ? '' : `${namespace}/`}${found.metadata.name}`
      )
    },
    usesPodTokens(namespace, name) {
      const found = known.get(keyOf('SecretProviderClass', namespace, name))
      return typeof found === 'object' ? usesPodTokens(found) : 'unknown'
    },
    namespace: (name) => object('Namespace', '', name),
    configMap: (namespace, name) => object('ConfigMap', namespace, name),
    kubernetesVersion: version ?? (kube && (await kube.version()).replace(/^v/, '')),
    webhookVersion: undefined,
    command,
  }
}

const configMapNames = (workload: Workload): string[] =>
  (labelsOf(workload)[useLabel] === undefined ? [] : containersOf(workload))
    .flatMap((container) => configMapsOf(workload, container))
    .filter((name) => name !== rootCaConfigMap)
