import type { Simulator } from '../../simulator.ts'
import { readyPods } from '../controllers/endpoints.ts'
import { badRequest, internalError } from '../errors.ts'
import { resourceForKind } from '../objects/resources.ts'
import { matchesSelector } from '../objects/selectors.ts'
import { getObject, listObjects } from '../objects/store.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import { sniNameOf } from '../token-proxy.ts'
import { AdmissionDenied, injectIdentity, serviceAccountName } from './injection.ts'

export const configurationName = 'azure-wi-webhook-mutating-webhook-configuration'
const webhookName = 'mutation.azure-workload-identity.io'
const denied = (why: string) =>
  badRequest(`admission webhook ${JSON.stringify(webhookName)} denied the request: ${why}`)

/** Returns the pod as the webhook changes it. Throws 400 if the webhook denies it. */
function mutate(
  simulator: Simulator,
  cluster: KubeCluster,
  pod: JsonObject,
  namespace: string,
  namespaceObject: string,
): JsonObject {
  const config = getObject(cluster, resourceForKind('ConfigMap'), namespaceObject, 'azure-wi-webhook-config')
  try {
    return injectIdentity(pod, {
      account: getObject(cluster, resourceForKind('ServiceAccount'), namespace, serviceAccountName(pod)),
      tenant: config?.data?.AZURE_TENANT_ID ?? '',
      authority: `${simulator.addresses.login}/`,
      // The webhook of AKS is configured for identity bindings; the chart's is not by default.
      ...(namespaceObject === 'kube-system'
        ? { binding: { proxy: `${simulator.addresses.kube}/${cluster.fqdn}`, sniName: sniNameOf(cluster) } }
        : {}),
    })
  } catch (error) {
    throw error instanceof AdmissionDenied ? denied(error.message) : error
  }
}

/**
 * True for AKS namespaces, unless the configuration disables the admissions enforcer, which excludes them from every
 * webhook's namespace selector.
 */
function isExempt(configuration: StoredObject, namespace: StoredObject | undefined): boolean {
  const { labels = {}, annotations = {} } = configuration.metadata
  const enforcerDisabled = 'admissions.enforcer/disabled'
  const labelsOfNamespace = namespace?.metadata.labels ?? {}
  return (
    (labelsOfNamespace['control-plane'] === 'true' ||
      labelsOfNamespace['kubernetes.azure.com/managedby'] === 'aks') &&
    (labels[enforcerDisabled] ?? annotations[enforcerDisabled]) !== 'true'
  )
}

/**
 * Calls the workload identity webhook for a new pod, if one is registered and selects it. Throws 500 if its service has
 * no ready pods and its failure policy is `Fail`.
 */
export function callWebhook(
  simulator: Simulator,
  cluster: KubeCluster,
  pod: JsonObject,
  namespace: string,
): JsonObject {
  const namespaceObject = getObject(cluster, resourceForKind('Namespace'), '', namespace)
  for (const configuration of listObjects(cluster, resourceForKind('MutatingWebhookConfiguration')))
    for (const webhook of (configuration.webhooks ?? []) as JsonObject[]) {
      if (webhook.name !== webhookName || isExempt(configuration, namespaceObject)) continue
      if (!matchesSelector(webhook.objectSelector, pod.metadata.labels)) continue
      if (!matchesSelector(webhook.namespaceSelector, namespaceObject?.metadata.labels)) continue
      const { name, namespace: at, path = '', port = 443 } = webhook.clientConfig?.service ?? {}
      const fail = (why: string) => {
        if (webhook.failurePolicy === 'Ignore') return pod
        throw internalError(
          `failed calling webhook ${JSON.stringify(webhookName)}: failed to call webhook: Post "https://${name}.${at}.svc:${port}${path}?timeout=${webhook.timeoutSeconds}s": ${why}`,
        )
      }
      const service = getObject(cluster, resourceForKind('Service'), at, name)
      if (!service) return fail(`service "${name}" not found`)
      if (!readyPods(cluster, service).length) return fail(`no endpoints available for service "${name}"`)
      if (!webhook.clientConfig.caBundle)
        return fail('tls: failed to verify certificate: x509: certificate signed by unknown authority')
      return mutate(simulator, cluster, pod, namespace, at)
    }
  return pod
}
