import { createAuthority, issueServerCertificate } from '../../server/certificates.ts'
import type { Simulator } from '../../simulator.ts'
import { authorize } from '../auth/rbac.ts'
import { controllerContext } from '../controllers/context.ts'
import { resourceForKind } from '../objects/resources.ts'
import { getObject, listObjects } from '../objects/store.ts'
import { updateObject } from '../objects/update.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import { configurationName } from './webhook.ts'

const secretName = 'azure-wi-webhook-server-cert'
/** Delay (ms) before a denied write is retried; a new pod retries immediately. */
const backoff = 1_000_000
const base64 = (text: string) => Buffer.from(text).toString('base64')

const isWebhook = (pod: StoredObject) =>
  (pod.spec.containers as JsonObject[]).some((each) => /workload-identity\/webhook[:@]/.test(each.image)) &&
  pod.status?.phase === 'Running'

/**
 * Does what the webhook's pods do once they run: creates the serving certificate and stores its authority in the
 * webhook configuration, if their service account is allowed to.
 */
export async function rotateWebhookCertificate(simulator: Simulator, cluster: KubeCluster): Promise<void> {
  const configuration = getObject(
    cluster,
    resourceForKind('MutatingWebhookConfiguration'),
    '',
    configurationName,
  )
  const service = configuration?.webhooks?.[0]?.clientConfig?.service
  if (!configuration || !service) return
  const pod = listObjects(cluster, resourceForKind('Pod'), service.namespace).find(isWebhook)
  const secret = getObject(cluster, resourceForKind('Secret'), service.namespace, secretName)
  if (!pod || !secret) return
  const { refusedRotation: refused } = cluster
  if (refused?.pod === pod.metadata.uid && simulator.now() - refused.at < backoff) return
  const recordDenial = () => {
    cluster.refusedRotation = { pod: pod.metadata.uid, at: simulator.now() }
  }
  const authority = secret.data?.['ca.crt']
  if (authority && configuration.webhooks[0].clientConfig.caBundle === authority) return
  const user = {
    username: `system:serviceaccount:${service.namespace}:${pod.spec.serviceAccountName}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${service.namespace}`, 'system:authenticated'],
  }
  const canUpdate = (group: string, resource: string, namespace?: string) =>
    authorize(cluster, user, { verb: 'update', group, resource, ...(namespace ? { namespace } : {}) }).allowed
  if (!authority) {
    if (!canUpdate('', 'secrets', service.namespace)) return recordDenial()
    const newAuthority = await createAuthority()
    const leaf = await issueServerCertificate(newAuthority, {
      dns: [`${service.name}.${service.namespace}.svc`],
      ip: [],
    })
    const data = {
      'ca.crt': base64(newAuthority.cert),
      'ca.key': base64(newAuthority.key),
      'tls.crt': base64(leaf.cert),
      'tls.key': base64(leaf.key),
    }
    const stored = getObject(cluster, resourceForKind('Secret'), service.namespace, secretName)
    if (stored && !stored.data?.['ca.crt'])
      updateObject(controllerContext(simulator, cluster, 'Secret', service.namespace, 'manager'), stored, {
        ...stored,
        data,
      })
  }
  const caBundle = getObject(cluster, resourceForKind('Secret'), service.namespace, secretName)?.data?.[
    'ca.crt'
  ]
  const stored = getObject(cluster, resourceForKind('MutatingWebhookConfiguration'), '', configurationName)
  if (!stored) return
  if (!canUpdate('admissionregistration.k8s.io', 'mutatingwebhookconfigurations')) return recordDenial()
  const webhooks = (stored.webhooks as JsonObject[]).map((each) => ({
    ...each,
    clientConfig: { ...each.clientConfig, caBundle },
  }))
  updateObject(controllerContext(simulator, cluster, 'MutatingWebhookConfiguration', '', 'manager'), stored, {
    ...stored,
    webhooks,
  })
}
