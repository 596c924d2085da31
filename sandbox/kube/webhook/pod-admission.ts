import type { Simulator } from '../../simulator.ts'
import { forbidden } from '../errors.ts'
import { resourceForKind } from '../objects/resources.ts'
import { getObject } from '../objects/store.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import { callWebhook } from './webhook.ts'

const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** Returns random letters, as Kubernetes appends them to generated names. */
export const randomSuffix = (length = 5) =>
  Array.from({ length }, () => alphabet[Math.floor(Math.random() * alphabet.length)]).join('')

const apiAccess = '/var/run/secrets/kubernetes.io/serviceaccount'

function withApiAccess(pod: JsonObject, account: StoredObject): JsonObject {
  const mountsToken = pod.spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true
  const volumes: JsonObject[] = pod.spec.volumes ?? []
  if (!mountsToken) return pod
  const name =
    volumes.find((each) => each.name.startsWith('kube-api-access-'))?.name ??
    `kube-api-access-${randomSuffix()}`
  const withMount = (container: JsonObject) =>
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
      containers: (pod.spec.containers ?? []).map(withMount),
      ...(pod.spec.initContainers ? { initContainers: pod.spec.initContainers.map(withMount) } : {}),
      volumes: volumes.some((each) => each.name === name) ? volumes : [...volumes, volume],
    },
  }
}

const defaultTolerations = ['not-ready', 'unreachable'].map((name) => ({
  effect: 'NoExecute',
  key: `node.kubernetes.io/${name}`,
  operator: 'Exists',
  tolerationSeconds: 300,
}))

/**
 * Admits a new pod: sets its service account, mounts the API credentials and calls the webhook. Throws 403 if the
 * service account does not exist, and the errors of the webhook.
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
  const isCritical = spec.priorityClassName === 'system-cluster-critical'
  const withAccount = {
    ...pod,
    spec: {
      ...spec,
      serviceAccountName: accountName,
      serviceAccount: accountName,
      ...(spec.imagePullSecrets || !account.imagePullSecrets
        ? {}
        : { imagePullSecrets: account.imagePullSecrets }),
      preemptionPolicy: 'PreemptLowerPriority',
      priority: isCritical ? 2_000_000_000 : 0,
      tolerations: [
        ...(spec.tolerations ?? []),
        ...defaultTolerations.filter(
          (each) => !(spec.tolerations ?? []).some((toleration: JsonObject) => toleration.key === each.key),
        ),
      ],
    },
  }
  return callWebhook(simulator, cluster, withApiAccess(withAccount, account), namespace)
}
