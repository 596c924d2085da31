import type { Cloud } from '../../cloud.ts'
import { backends } from '../controllers/endpoints.ts'
import { badRequest, internal } from '../errors.ts'
import { resourceOf } from '../objects/resources.ts'
import { selects } from '../objects/selectors.ts'
import { list, read } from '../objects/store.ts'
import type { KubeCluster, KubeObject, Open } from '../state.ts'
import { accountOf, Denied, mutatedPod } from './injection.ts'

export const configurationName = 'azure-wi-webhook-mutating-webhook-configuration'
const webhookName = 'mutation.azure-workload-identity.io'
const denied = (why: string) =>
  badRequest(`admission webhook ${JSON.stringify(webhookName)} denied the request: ${why}`)

/** The pod as the webhook makes it. Throws its denials (400). */
function mutate(cloud: Cloud, cluster: KubeCluster, pod: Open, namespace: string, home: string): Open {
  const config = read(cluster, resourceOf('ConfigMap'), home, 'azure-wi-webhook-config')
  try {
    return mutatedPod(pod, {
      account: read(cluster, resourceOf('ServiceAccount'), namespace, accountOf(pod)),
      tenant: config?.data?.AZURE_TENANT_ID ?? '',
      authority: `${cloud.addresses.login}/`,
    })
  } catch (error) {
    throw error instanceof Denied ? denied(error.message) : error
  }
}

/**
 * AKS keeps webhooks out of its own namespaces unless the configuration says otherwise: it writes these two into their
 * selectors (`NotIn`).
 */
function isSpared(configuration: KubeObject, namespace: KubeObject | undefined): boolean {
  const { labels = {}, annotations = {} } = configuration.metadata
  const open = 'admissions.enforcer/disabled'
  const own = namespace?.metadata.labels ?? {}
  return (
    (own['control-plane'] === 'true' || own['kubernetes.azure.com/managedby'] === 'aks') &&
    (labels[open] ?? annotations[open]) !== 'true'
  )
}

/**
 * Sends a new pod through the workload identity webhook, if one is registered and selects it. Throws 500 while
 * nothing answers behind its service: it fails closed.
 */
export function mutatedByWebhook(cloud: Cloud, cluster: KubeCluster, pod: Open, namespace: string): Open {
  const home = read(cluster, resourceOf('Namespace'), '', namespace)
  for (const configuration of list(cluster, resourceOf('MutatingWebhookConfiguration')))
    for (const webhook of (configuration.webhooks ?? []) as Open[]) {
      if (webhook.name !== webhookName || isSpared(configuration, home)) continue
      if (!selects(webhook.objectSelector, pod.metadata.labels)) continue
      if (!selects(webhook.namespaceSelector, home?.metadata.labels)) continue
      const { name, namespace: at, path = '', port = 443 } = webhook.clientConfig?.service ?? {}
      const fail = (why: string) => {
        if (webhook.failurePolicy === 'Ignore') return pod
        throw internal(
          `failed calling webhook ${JSON.stringify(webhookName)}: failed to call webhook: Post "https://${name}.${at}.svc:${port}${path}?timeout=${webhook.timeoutSeconds}s": ${why}`,
        )
      }
      const service = read(cluster, resourceOf('Service'), at, name)
      if (!service) return fail(`service "${name}" not found`)
      if (!backends(cluster, service).length) return fail(`no endpoints available for service "${name}"`)
      if (!webhook.clientConfig.caBundle)
        return fail('tls: failed to verify certificate: x509: certificate signed by unknown authority')
      return mutate(cloud, cluster, pod, namespace, at)
    }
  return pod
}
