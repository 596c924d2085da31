import type { KubeObject, Kubernetes } from '../clients/kubernetes.ts'
import { hasCode } from '../clients/service-error.ts'
import {
  chartNamespace,
  chartRelease,
  webhookConfig,
  webhookConfiguration,
  webhookDeployment,
} from './webhook-names.ts'

export interface InstalledWebhook {
  /** Who installed it, in words: `AKS add-on`, `Helm release …`, `manifest`. */
  installer: string
  namespace: string
  version: string | undefined
  readyPods: number
  /** Its service account. */
  serviceAccount: string
}

export const managedRelease = `Helm release ${chartNamespace}/${chartRelease}`

/** Who may not look takes what is there as good. */
const hidden =
  <T>(value: T) =>
  (error: unknown): T => {
    if (hasCode(error, 'Forbidden')) return value
    throw error
  }

/** How our own Helm release stands, and what its chart was told. Read from what helm stores, so that no helm is needed to look. */
export async function readRelease(
  kube: Kubernetes,
): Promise<{ status: string; tenant: string | undefined; environment: string | undefined }> {
  const [revisions, config] = await Promise.all([
    kube.list('Secret', chartNamespace, `owner=helm,name=${chartRelease}`).catch(hidden([])),
    kube.get('ConfigMap', webhookConfig, chartNamespace).catch(hidden(undefined)),
  ])
  const revision = ({ metadata }: KubeObject) => Number(metadata.labels?.version)
  const last = revisions.sort((a, b) => revision(a) - revision(b)).at(-1)
  return {
    status: last?.metadata.labels?.status ?? 'deployed',
    tenant: config?.data?.AZURE_TENANT_ID,
    environment: config?.data?.AZURE_ENVIRONMENT,
  }
}

/** Whether it may write the certificate authority into its configuration. Who may not ask takes it as good. */
export const canUpdateConfiguration = (
  kube: Kubernetes,
  { namespace, serviceAccount }: InstalledWebhook,
): Promise<boolean> =>
  kube
    .canUser(`system:serviceaccount:${namespace}:${serviceAccount}`, {
      verb: 'update',
      group: 'admissionregistration.k8s.io',
      resource: 'mutatingwebhookconfigurations',
    })
    .catch(hidden(true))

const systemLabel = 'azure-workload-identity.io/system=true'

/** All deployments that say they are the webhook; undefined for a caller who may not look everywhere. */
export const listWebhookDeployments = (kube: Kubernetes): Promise<KubeObject[] | undefined> =>
  kube.list('Deployment', undefined, systemLabel).catch(hidden(undefined))

export async function findWebhook(kube: Kubernetes): Promise<InstalledWebhook | undefined> {
  const [configuration, all] = await Promise.all([
    kube.get('MutatingWebhookConfiguration', webhookConfiguration),
    listWebhookDeployments(kube),
  ])
  const namespace = configuration?.webhooks?.[0]?.clientConfig?.service?.namespace as string | undefined
  if (!configuration || !namespace) return undefined
  const deployment =
    all?.find(({ metadata }) => metadata.namespace === namespace && metadata.name === webhookDeployment) ??
    (await kube.get('Deployment', webhookDeployment, namespace))
  return {
    installer: installedBy(configuration, namespace),
    namespace,
    version: /:v?([\d.]+[^:@]*)$/.exec(deployment?.spec?.template?.spec?.containers?.[0]?.image ?? '')?.[1],
    readyPods: deployment?.status?.readyReplicas ?? 0,
    serviceAccount: deployment?.spec?.template?.spec?.serviceAccountName ?? 'azure-wi-webhook-admin',
  }
}

function installedBy({ metadata }: KubeObject, namespace: string): string {
  const release = metadata.annotations?.['meta.helm.sh/release-name']
  if (
    metadata.labels?.['kubernetes.azure.com/managedby'] === 'aks' ||
    release === 'aks-managed-workload-identity'
  )
    return 'AKS add-on'
  return release
    ? `Helm release ${metadata.annotations?.['meta.helm.sh/release-namespace'] ?? namespace}/${release}`
    : 'manifest'
}
