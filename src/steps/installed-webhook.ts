import { kubectl, type Script } from '../base/command.ts'
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
  /** How it was installed, for the user: `AKS add-on`, `Helm release …`, `manifest`. */
  installer: string
  namespace: string
  version: string | undefined
  readyPods: number
  /** Its deployment is scaled to 0, so waiting for pods is in vain. */
  scaledToZero: boolean
  serviceAccount: string
}

/** Returns the command that restores the webhook's pods. */
export const scaleCommand = (namespace: string): Script =>
  kubectl(['scale', `deployment/${webhookDeployment}`], { namespace, replicas: '2' })

export const isAddon = ({ installer }: Partial<InstalledWebhook>) => installer === 'AKS add-on'

export const managedRelease = `Helm release ${chartNamespace}/${chartRelease}`

/** Returns the value if the caller can't read the object: it is then assumed to be right. */
export const ifForbidden =
  <T>(value: T) =>
  (error: unknown): T => {
    if (hasCode(error, 'Forbidden')) return value
    throw error
  }

/** Returns the state and values of our Helm release, read from what helm stores, so that helm needn't be installed. */
export async function readRelease(
  kube: Kubernetes,
): Promise<{ status: string; tenant: string | undefined; environment: string | undefined }> {
  const [revisions, config] = await Promise.all([
    kube.list('Secret', chartNamespace, `owner=helm,name=${chartRelease}`).catch(ifForbidden([])),
    kube.get('ConfigMap', webhookConfig, chartNamespace).catch(ifForbidden(undefined)),
  ])
  const revision = ({ metadata }: KubeObject) => Number(metadata.labels?.version)
  const last = revisions.toSorted((a, b) => revision(a) - revision(b)).at(-1)
  return {
    status: last?.metadata.labels?.status ?? 'deployed',
    tenant: config?.data?.AZURE_TENANT_ID,
    environment: config?.data?.AZURE_ENVIRONMENT,
  }
}

/** Whether the webhook can write its CA certificate into its configuration; true if the caller can't ask. */
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
    .catch(ifForbidden(true))

const systemLabel = 'azure-workload-identity.io/system=true'

/** Returns every deployment labelled as the webhook; undefined if the caller can't list all namespaces. */
export const listWebhookDeployments = (kube: Kubernetes): Promise<KubeObject[] | undefined> =>
  kube.list('Deployment', undefined, systemLabel).catch(ifForbidden(undefined))

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
    scaledToZero: deployment?.spec?.replicas === 0,
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
