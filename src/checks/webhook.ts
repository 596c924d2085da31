import { X509Certificate } from 'node:crypto'
import { az, inSequence, kubectl } from '../base/command.ts'
import { check, fail, pass } from '../engine/check.ts'
import type { Settings } from '../settings/settings.ts'
import {
  canUpdateConfiguration,
  findWebhook,
  type InstalledWebhook,
  isAddon,
  listWebhookDeployments,
  managedRelease,
  scaleCommand,
} from '../steps/installed-webhook.ts'
import { webhookConfiguration, webhookDeployment } from '../steps/webhook-names.ts'
import { clusterReadRights } from './kubernetes-rights.ts'

const excludedWhen = (settings: Settings) => settings.webhook === 'none'
const webhookSelector = 'azure-workload-identity.io/system=true'

/** Returns the command that makes AKS reconcile the add-on. */
export const repairAddonCommand = ({
  clusterResourceGroup,
  cluster,
}: Pick<Settings, 'clusterResourceGroup' | 'cluster'>) =>
  az('aks update', {
    'resource-group': clusterResourceGroup,
    name: cluster,
    'enable-oidc-issuer': true,
    'enable-workload-identity': true,
  })

export const webhookReady = check<InstalledWebhook>()({
  code: 'WI301',
  title: 'The webhook has ready pods',
  link: 'webhook',
  uses: ['webhook', 'clusterResourceGroup', 'cluster', 'context', 'kubeconfig'],
  needs: { api: clusterReadRights },
  excludedWhen,
  async run({ settings, api, aksClusters, command }) {
    const found = await findWebhook(api.kube)
    if (!found) {
      const addonEnabled =
        api.aksIssuer !== undefined &&
        (await aksClusters.get(settings.clusterResourceGroup, settings.cluster!))?.workloadIdentity
      return fail({
        detail: addonEnabled
          ? 'The mutating webhook is missing, although the AKS add-on is enabled'
          : 'The mutating webhook is not installed',
        remedy: addonEnabled ? repairAddonCommand(settings) : command('webhook'),
        transient: true,
      })
    }
    if (found.readyPods > 0) return pass(found, [found.installer, found.version].filter(Boolean).join(' '))
    const deployment = await api.kube.get('Deployment', webhookDeployment, found.namespace)
    const { scaledToZero } = found
    return fail({
      detail: `The webhook (${found.installer}) in namespace ${found.namespace} has no ready pods, so pods with the workload identity label can't start`,
      is: scaledToZero ? '0 replicas' : '0 ready',
      should: '1 or more',
      remedy:
        scaledToZero || !deployment
          ? isAddon(found)
            ? repairAddonCommand(settings)
            : deployment
              ? scaleCommand(found.namespace)
              : command('webhook')
          : kubectl(['get', 'pods,events'], { namespace: found.namespace, selector: webhookSelector }),
      transient: true,
      // Its configuration is still there to be checked.
      continueWith: found,
    })
  },
})

export const webhookInstalledOnce = check<InstalledWebhook>()({
  code: 'WI303',
  title: 'The webhook is installed once and can update its configuration',
  link: 'webhook',
  uses: ['webhook', 'clusterResourceGroup', 'cluster'],
  needs: { api: clusterReadRights, webhook: webhookReady },
  excludedWhen,
  async run({ settings, api, webhook, command }) {
    const deployments = (await listWebhookDeployments(api.kube)) ?? []
    const namespaces = deployments.map(({ metadata }) => metadata.namespace!)
    const other = namespaces.find((each) => each !== webhook.namespace)
    if (other)
      return fail({
        detail: `The webhook is installed twice, and both installs write the same configuration, which now belongs to ${webhook.namespace}`,
        is: namespaces.toSorted().join(', '),
        should: webhook.namespace,
        remedy: kubectl(['delete', 'deployment'], { namespace: other, selector: webhookSelector }),
        continueWith: webhook,
      })
    if (await canUpdateConfiguration(api.kube, webhook)) return pass(webhook)
    return fail({
      detail: `The webhook's service account ${webhook.namespace}/${webhook.serviceAccount} can't update the webhook's configuration: its role is missing or belongs to another install`,
      is: 'no right to update mutatingwebhookconfigurations',
      should: 'the right to update them',
      remedy: isAddon(webhook)
        ? repairAddonCommand(settings)
        : webhook.installer === managedRelease
          ? command('webhook')
          : addRoleCommand(webhook),
    })
  },
})

/** Returns the command that adds the missing right to an install that wi-setup doesn't manage, whose chart is unknown. */
const addRoleCommand = ({ namespace, serviceAccount }: InstalledWebhook) =>
  inSequence(
    kubectl(['create', 'clusterrole', extraRole], {
      verb: 'get,list,watch,update',
      resource: 'mutatingwebhookconfigurations',
    }),
    kubectl(['create', 'clusterrolebinding', extraRole], {
      clusterrole: extraRole,
      serviceaccount: `${namespace}:${serviceAccount}`,
    }),
  )
const extraRole = 'azure-wi-webhook-configuration'

export const webhookCertificateValid = check<InstalledWebhook>()({
  code: 'WI304',
  title: "The API server trusts the webhook's certificate",
  link: 'webhook',
  uses: ['webhook'],
  needs: { api: clusterReadRights, webhook: webhookInstalledOnce },
  excludedWhen,
  async run({ api, webhook, clock }) {
    const configuration = await api.kube.get('MutatingWebhookConfiguration', webhookConfiguration)
    const bundle = (configuration?.webhooks?.[0]?.clientConfig?.caBundle ?? '') as string
    const rollout = (what: string) =>
      kubectl(['rollout', what, `deployment/${webhookDeployment}`], { namespace: webhook.namespace })
    const remedy = inSequence(rollout('restart'), rollout('status'))
    const invalid = (detail: string, is: string, should: string) =>
      fail({ detail: `${detail}, so pods with the workload identity label can't start`, is, should, remedy })
    if (!bundle) return invalid("The webhook's configuration has no CA certificate", '(none)', 'a caBundle')
    try {
      const { validToDate } = new X509Certificate(Buffer.from(bundle, 'base64'))
      if (validToDate.getTime() < Date.now() + clock.skew())
        return invalid(
          "The webhook's CA certificate has expired",
          validToDate.toISOString(),
          'a date in the future',
        )
    } catch {
      return invalid("The webhook's caBundle is not a certificate", bundle.slice(0, 24), 'a PEM certificate')
    }
    return pass(webhook)
  },
})
