import type { Simulator } from '../../simulator.ts'
import { forbidden } from '../errors.ts'
import { resourceForKind } from '../objects/resources.ts'
import { getObject } from '../objects/store.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import { callWebhook } from './webhook.ts'

const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** Random letters as Kubernetes ends generated names. */
export const randomSuffix = (length = 5) =>
  Array.from({ length }, () => alphabet[Math.floor(Math.random() * alphabet.length)]).join('')

const apiAccess = '/var/run/secrets/kubernetes.io/serviceaccount'

function withApiAccess(pod: JsonObject, account: StoredObject): JsonObject {
  const automount = pod.spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true
  const volumes: JsonObject[] = pod.spec.volumes ?? []
  if (!automount) return pod
  const name =
    volumes.find((each) => each.name.startsWith('kube-api-access-'))?.name ??
    `kube-api-access-${randomSuffix()}`
  const mounted = (container: JsonObject) =>
    (container.volumeMounts ?? []).some((each: JsonObject) => each.mountPath === apiAccess)
      ? container
      : {
          ...container,
          volumeMounts: [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: apiAccess }],
        }
  const volume = {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: 420,
    },
  }
  return {
    ...pod,
    spec: {
      ...pod.spec,
      containers: (pod.spec.containers ?? []).map(mounted),
      ...(pod.spec.initContainers ? { initContainers: pod.spec.initContainers.map(mounted) } : {}),
      volumes: volumes.some((each) => each.name === name) ? volumes : [...volumes, volume],
    },
  }
}

const tolerated = ['not-ready', 'unreachable'].map((name) => ({
  effect: 'NoExecute',
  key: `node.kubernetes.io/${name}`,
  operator: 'Exists',
  tolerationSeconds: 300,
}))

/**
 * What happens to a new pod between the request and the store: its service account, the credential mount, the
 * webhook. Throws 403 for a missing account and what the webhook throws.
 */
export function admitPod(
  simulator: Simulator,
  cluster: KubeCluster,
  pod: JsonObject,
  namespace: string,
): JsonObject {
  const spec = pod.spec ?? {}
  const accountName = spec.serviceAccountName || spec.serviceAccount || 'default'
  const account = getObject(cluster, resourceForKind('ServiceAccount'), namespace, accountName)
  if (!account)
    throw forbidden(
      resourceForKind('Pod'),
      pod.metadata.name || pod.metadata.generateName || '',
      `error looking up service account ${namespace}/${accountName}: serviceaccount "${accountName}" not found`,
    )
  const critical = spec.priorityClassName === 'system-cluster-critical'
  const named = {
    ...pod,
    spec: {
      ...spec,
      serviceAccountName: accountName,
      serviceAccount: accountName,
      ...(spec.imagePullSecrets || !account.imagePullSecrets
        ? {}
        : { imagePullSecrets: account.imagePullSecrets }),
      preemptionPolicy: 'PreemptLowerPriority',
      priority: critical ? 2_000_000_000 : 0,
      tolerations: [
        ...(spec.tolerations ?? []),
        ...tolerated.filter(
          (each) => !(spec.tolerations ?? []).some((own: JsonObject) => own.key === each.key),
        ),
      ],
    },
  }
  const identified = callWebhook(simulator, cluster, withApiAccess(named, account), namespace)
  return identified
}
