import { issueLeaf, makeAuthority } from '../../certificates.ts'
import type { Cloud } from '../../cloud.ts'
import { decide } from '../auth/rbac.ts'
import { controller } from '../controllers/context.ts'
import { resourceOf } from '../objects/resources.ts'
import { list, read } from '../objects/store.ts'
import { replace } from '../objects/writes.ts'
import type { KubeCluster, KubeObject, Open } from '../state.ts'
import { configurationName } from './webhook.ts'

const secretName = 'azure-wi-webhook-server-cert'
/** A refused write is tried again after this at the latest, as controllers do; a new pod tries at once. */
const backoff = 1_000_000
const base64 = (text: string) => Buffer.from(text).toString('base64')

const isWebhook = (pod: KubeObject) =>
  (pod.spec.containers as Open[]).some((each) => /workload-identity\/webhook[:@]/.test(each.image)) &&
  pod.status?.phase === 'Running'

/**
 * What the webhook's own pods do once they run: make the serving certificate and put its authority into the
 * configuration, as far as their service account may.
 */
export async function rotateWebhookCertificate(cloud: Cloud, cluster: KubeCluster): Promise<void> {
  const configuration = read(cluster, resourceOf('MutatingWebhookConfiguration'), '', configurationName)
  const service = configuration?.webhooks?.[0]?.clientConfig?.service
  if (!configuration || !service) return
  const pod = list(cluster, resourceOf('Pod'), service.namespace).find(isWebhook)
  const secret = read(cluster, resourceOf('Secret'), service.namespace, secretName)
  if (!pod || !secret) return
  const { refusedRotation: refused } = cluster
  if (refused?.pod === pod.metadata.uid && cloud.now() - refused.at < backoff) return
  const giveUp = () => {
    cluster.refusedRotation = { pod: pod.metadata.uid, at: cloud.now() }
  }
  const authority = secret.data?.['ca.crt']
  if (authority && configuration.webhooks[0].clientConfig.caBundle === authority) return
  const user = {
    username: `system:serviceaccount:${service.namespace}:${pod.spec.serviceAccountName}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${service.namespace}`, 'system:authenticated'],
  }
  const may = (group: string, resource: string, namespace?: string) =>
    decide(cluster, user, { verb: 'update', group, resource, ...(namespace ? { namespace } : {}) }).allowed
  if (!authority) {
    if (!may('', 'secrets', service.namespace)) return giveUp()
    const made = await makeAuthority()
    const leaf = await issueLeaf(made, { dns: [`${service.name}.${service.namespace}.svc`], ip: [] })
    const data = {
      'ca.crt': base64(made.cert),
      'ca.key': base64(made.key),
      'tls.crt': base64(leaf.cert),
      'tls.key': base64(leaf.key),
    }
    const now = read(cluster, resourceOf('Secret'), service.namespace, secretName)
    if (now && !now.data?.['ca.crt'])
      replace(controller(cloud, cluster, 'Secret', service.namespace, 'manager'), now, { ...now, data })
  }
  const caBundle = read(cluster, resourceOf('Secret'), service.namespace, secretName)?.data?.['ca.crt']
  const now = read(cluster, resourceOf('MutatingWebhookConfiguration'), '', configurationName)
  if (!now) return
  if (!may('admissionregistration.k8s.io', 'mutatingwebhookconfigurations')) return giveUp()
  const webhooks = (now.webhooks as Open[]).map((each) => ({
    ...each,
    clientConfig: { ...each.clientConfig, caBundle },
  }))
  replace(controller(cloud, cluster, 'MutatingWebhookConfiguration', '', 'manager'), now, {
    ...now,
    webhooks,
  })
}
