import { X509Certificate } from 'node:crypto'
import { check, fail, pass } from '../engine/check.ts'
import type { Settings } from '../settings/settings.ts'
import {
  canUpdateConfiguration,
  findWebhook,
  type InstalledWebhook,
  listWebhookDeployments,
  managedRelease,
} from '../steps/installed-webhook.ts'
import { webhookConfiguration, webhookDeployment } from '../steps/webhook-names.ts'
import { clusterReadRights } from './kubernetes-rights.ts'

const excludedWhen = (settings: Settings) => settings.webhook === 'none'
const system = 'azure-workload-identity.io/system=true'
const isAddon = ({ installer }: InstalledWebhook) => installer === 'AKS add-on'

/** Brings the add-on back to what AKS means it to be. */
export const repairAddonCommand = ({
  clusterResourceGroup,
  cluster,
}: Pick<Settings, 'clusterResourceGroup' | 'cluster'>) =>
  `az aks update --resource-group ${clusterResourceGroup} --name ${cluster} --enable-oidc-issuer --enable-workload-identity`

export const webhookReady = check<InstalledWebhook>()({
  code: 'WI301',
  title: 'The webhook is installed and has ready pods',
  link: 'webhook',
  uses: ['webhook', 'clusterResourceGroup', 'cluster', 'context', 'kubeconfig'],
  needs: { api: clusterReadRights },
  excludedWhen,
  async run({ settings, api, once, aksClusters, command }) {
    const found = await once('webhook', () => findWebhook(api.kube))
    if (!found) {
      const addon =
        api.aksIssuer !== undefined &&
        (await aksClusters.get(settings.clusterResourceGroup, settings.cluster!))?.workloadIdentity
      return fail({
        detail: addon
          ? "The mutating webhook is not installed, though AKS's add-on is on"
          : 'The mutating webhook is not installed',
        remedy: addon ? repairAddonCommand(settings) : command('webhook'),
        transient: true,
      })
    }
    if (found.readyPods > 0) return pass(found, [found.installer, found.version].filter(Boolean).join(' '))
    const deployment = await api.kube.get('Deployment', webhookDeployment, found.namespace)
    const none = deployment?.spec?.replicas === 0
    return fail({
      detail: `The webhook (${found.installer}) has no ready pod: labelled pods cannot start`,
      is: none ? '0 wanted' : '0 ready',
      should: '1 or more',
      remedy:
        none || !deployment
          ? isAddon(found)
            ? repairAddonCommand(settings)
            : deployment
              ? `kubectl --namespace ${found.namespace} scale deployment ${webhookDeployment} --replicas 2`
              : command('webhook')
          : `kubectl --namespace ${found.namespace} get pods,events --selector ${system}`,
      transient: true,
    })
  },
})

export const webhookInstalledOnce = check<InstalledWebhook>()({
  code: 'WI303',
  title: 'It is there once, and its service account may do its work',
  link: 'webhook',
  uses: ['webhook', 'clusterResourceGroup', 'cluster'],
  needs: { api: clusterReadRights, webhook: webhookReady },
  excludedWhen,
  async run({ settings, api, webhook, once, command }) {
    const deployments = (await listWebhookDeployments(api.kube)) ?? []
    const places = deployments.map(({ metadata }) => metadata.namespace!)
    const other = places.find((each) => each !== webhook.namespace)
    if (other)
      return fail({
        detail: `The webhook is installed twice: they fight over its configuration, which is ${webhook.namespace}'s now`,
        is: places.toSorted().join(', '),
        should: webhook.namespace,
        remedy: `kubectl --namespace ${other} delete deployment --selector ${system}`,
      })
    if (await once('webhook-rights', () => canUpdateConfiguration(api.kube, webhook))) return pass(webhook)
    return fail({
      detail:
        "The webhook's service account may not write its own configuration: its role is gone, or another install's",
      is: 'may not update mutatingwebhookconfigurations',
      should: 'may',
      remedy: isAddon(webhook)
        ? repairAddonCommand(settings)
        : webhook.installer === managedRelease
          ? command('webhook')
          : rightsFor(webhook),
    })
  },
})

/** For an install of others: what its chart was can't be known, so the right comes beside it. */
const rightsFor = ({ namespace, serviceAccount }: InstalledWebhook) =>
  `kubectl create clusterrole ${extra} --verb get,list,watch,update --resource mutatingwebhookconfigurations && kubectl create clusterrolebinding ${extra} --clusterrole ${extra} --serviceaccount ${namespace}:${serviceAccount}`
const extra = 'azure-wi-webhook-configuration'

export const webhookCertificateValid = check<InstalledWebhook>()({
  code: 'WI304',
  title: 'The API server can trust its certificate',
  link: 'webhook',
  uses: ['webhook'],
  needs: { api: clusterReadRights, webhook: webhookInstalledOnce },
  excludedWhen,
  async run({ api, webhook, clock }) {
    const configuration = await api.kube.get('MutatingWebhookConfiguration', webhookConfiguration)
    const bundle = (configuration?.webhooks?.[0]?.clientConfig?.caBundle ?? '') as string
    const rollout = (what: string) =>
      `kubectl --namespace ${webhook.namespace} rollout ${what} deployment ${webhookDeployment}`
    const remedy = `${rollout('restart')} && ${rollout('status')}`
    const wrong = (detail: string, is: string, should: string) =>
      fail({ detail: `${detail}: labelled pods cannot start`, is, should, remedy })
    if (!bundle) return wrong('The configuration has no certificate authority', '(none)', 'a caBundle')
    try {
      const { validToDate } = new X509Certificate(Buffer.from(bundle, 'base64'))
      if (validToDate.getTime() < Date.now() + clock.skew())
        return wrong(
          "The webhook's certificate authority has expired",
          validToDate.toISOString(),
          'a time to come',
        )
    } catch {
      return wrong('The caBundle is no certificate', bundle.slice(0, 24), 'a certificate in PEM')
    }
    return pass(webhook)
  },
})
