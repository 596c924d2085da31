import { equalsIgnoreCase } from '../clients/azure/resource-id.ts'
import { fieldManager, type KubeObject } from '../clients/kubernetes.ts'
import {
  absent,
  compared,
  differs,
  nothingToRemove,
  notManaged,
  removable,
  retained,
  step,
} from '../engine/step.ts'
import { cluster } from './cluster.ts'
import { appRegistration } from './identity.ts'
import { namespace } from './namespace.ts'
import { isPartlyManaged, otherFieldManager } from './other-owners.ts'
import { hasOwnershipLabel, ownershipLabel } from './ownership-label.ts'

export const clientIdKey = 'azure.workload.identity/client-id'
export const tenantIdKey = 'azure.workload.identity/tenant-id'

/**
 * The workload's service account, with the annotations that the webhook reads. A new one does not mount Kubernetes API
 * tokens into its pods, which don't need them for Azure. Fields of other managers are not changed.
 */
export const serviceAccount = step<{
  name: string
  clientId: string
  shared?: boolean
  tokenless?: boolean
}>()({
  id: 'service-account',
  title: 'service account',
  command: 'federate',
  uses: ['namespace', 'serviceAccount', 'tenant'],
  needs: { cluster, namespace, identity: appRegistration },
  label: (settings) => `${settings.namespace}/${settings.serviceAccount}`,
  async inspect({ settings, cluster, namespace, identity, kubernetes }) {
    if (!cluster.connection || !namespace.name) return absent()
    const found = await kubernetes(cluster.connection).get(
      'ServiceAccount',
      settings.serviceAccount,
      settings.namespace,
    )
    if (!found) return absent()
    const annotation = (field: string, key: string, want: string) => {
      const is = found.metadata.annotations?.[key]
      // Entra ignores the case of IDs.
      return equalsIgnoreCase(is, want) ? undefined : differs(field, is, want, ownerOf(found, key))
    }
    const tokenless = found.automountServiceAccountToken === false
    return compared(
      { name: settings.serviceAccount, clientId: identity.clientId ?? '', tokenless },
      hasOwnershipLabel(found),
      [
        annotation('client-id', clientIdKey, identity.clientId ?? '(the new identity)'),
        // Without the annotation, the webhook's own tenant applies.
        (hasOwnershipLabel(found) || found.metadata.annotations?.[tenantIdKey] !== undefined) &&
          annotation('tenant-id', tenantIdKey, settings.tenant),
      ],
    )
  },
  apply: ({ settings, cluster, identity, kubernetes }, found) =>
    kubernetes(cluster.connection).apply(
      {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: {
          name: settings.serviceAccount,
          namespace: settings.namespace,
          annotations: { [clientIdKey]: identity.clientId, [tenantIdKey]: settings.tenant },
          ...(found.state === 'absent' || found.owned ? { labels: ownershipLabel } : {}),
        },
        // Server-side apply deletes our fields that are left out; a user who wants the token owns this field.
        ...(found.state === 'absent' || (found.owned && found.out.tokenless)
          ? { automountServiceAccountToken: false }
          : {}),
      },
      // The plan showed the owner of each field that we take over, and the user agreed.
      { force: found.state === 'drifted' && found.diff.some(({ owner }) => owner !== undefined) },
    ),
  within: () => 'cluster',
  async removability({ settings, cluster, kubernetes }) {
    if (!cluster.connection) return nothingToRemove
    const kube = kubernetes(cluster.connection)
    const { serviceAccount: name, namespace } = settings
    const found = await kube.get('ServiceAccount', name, namespace)
    if (!found) return nothingToRemove
    if (!hasOwnershipLabel(found) && !isPartlyManaged(found)) return retained({ name }, notManaged)
    const other = otherFieldManager(found)
    const pods = (await kube.list('Pod', namespace)).filter(
      (pod) => pod.spec?.serviceAccountName === name && !isOurPod(pod),
    )
    if (hasOwnershipLabel(found) && !other && pods.length === 0) return removable({ name, shared: false })
    const reason = !hasOwnershipLabel(found)
      ? notManaged
      : other
        ? `${other} also uses it`
        : `${pods.length} ${pods.length === 1 ? 'pod uses' : 'pods use'} it`
    return removable(
      { name, shared: true },
      `only the fields that wi-setup set: ${reason}`,
      `contains the service account ${namespace}/${name}, which is retained`,
    )
  },
  /** Applying an object without fields deletes the fields that only we own. */
  remove: ({ settings, cluster, kubernetes }, { shared }) => {
    const { serviceAccount: name, namespace } = settings
    const kube = kubernetes(cluster.connection)
    return shared
      ? kube.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } })
      : kube.remove('ServiceAccount', name, namespace)
  },
})

/** The sample's pods, and the one that `verify --in-cluster` creates. */
const isOurPod = ({ metadata }: KubeObject) =>
  metadata.labels?.app === 'vault-reader' || metadata.name === 'wi-setup-inside'

/** Returns the field manager, other than ours, that owns an annotation. */
function ownerOf(object: KubeObject, annotation: string): string | undefined {
  const owners = (object.metadata.managedFields ?? []).filter((entry) => {
    const metadata = entry.fieldsV1?.['f:metadata'] as Record<string, Record<string, unknown>> | undefined
    return metadata?.['f:annotations']?.[`f:${annotation}`] !== undefined
  })
  return owners.find((entry) => entry.manager !== fieldManager)?.manager
}
