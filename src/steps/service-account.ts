import { fieldManager, type KubeObject } from '../clients/kubernetes.ts'
import { absent, compared, differs, step } from '../engine/step.ts'
import { cluster } from './cluster.ts'
import { appRegistration } from './identity.ts'
import { isKubeMarked, kubeMark, namespace } from './namespace.ts'

export const clientIdKey = 'azure.workload.identity/client-id'
export const tenantIdKey = 'azure.workload.identity/tenant-id'

/** The workload's service account with the annotations that the webhook reads. Other fields and other managers are left alone. */
export const serviceAccount = step<{ name: string }>()({
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
    const annotation = (field: string, key: string, want: string) =>
      differs(field, found.metadata.annotations?.[key], want, ownerOf(found, key))
    return compared({ name: settings.serviceAccount }, isKubeMarked(found), [
      annotation('client-id', clientIdKey, identity.clientId ?? '(the new identity)'),
      annotation('tenant-id', tenantIdKey, settings.tenant),
    ])
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
          ...(found.state === 'absent' || found.owned ? { labels: kubeMark } : {}),
        },
      },
      // The plan named the owner of each field that we change, and the person agreed to it.
      { force: found.state === 'drifted' && found.diff.some(({ owner }) => owner !== undefined) },
    ),
  remove: ({ settings, cluster, kubernetes }) =>
    kubernetes(cluster.connection).remove('ServiceAccount', settings.serviceAccount, settings.namespace),
})

/** The manager other than us that wrote an annotation last. */
function ownerOf(object: KubeObject, annotation: string): string | undefined {
  const owners = (object.metadata.managedFields ?? []).filter((entry) => {
    const metadata = entry.fieldsV1?.['f:metadata'] as Record<string, Record<string, unknown>> | undefined
    return metadata?.['f:annotations']?.[`f:${annotation}`] !== undefined
  })
  return owners.find((entry) => entry.manager !== fieldManager)?.manager
}
