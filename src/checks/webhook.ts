import { X509Certificate } from 'node:crypto'
import { check, fail, pass } from '../engine/check.ts'
import type { Settings } from '../settings/settings.ts'
import {
  findWebhook,
  mayWriteItself,
  ownRelease,
  type Webhook,
  webhookDeployments,
} from '../steps/webhook-found.ts'
import { webhookConfiguration, webhookDeployment } from '../steps/webhook-names.ts'
import { mayAsk } from './kubernetes-rights.ts'

const idle = (settings: Settings) => settings.webhook === 'none'
const system = 'azure-workload-identity.io/system=true'
const isAddon = ({ by }: Webhook) => by === 'AKS add-on'

/** Brings the add-on back to what AKS means it to be. */
export const addonAgain = ({
  clusterResourceGroup,
  cluster,
}: Pick<Settings, 'clusterResourceGroup' | 'cluster'>) =>
  `az aks update --resource-group ${clusterResourceGroup} --name ${cluster} --enable-oidc-issuer --enable-workload-identity`

export const webhookHealthy = check<Webhook>()({
  code: 'WI301',
  title: 'The webhook is installed and has ready pods',
  link: 'webhook',
  uses: ['webhook', 'clusterResourceGroup', 'cluster', 'context', 'kubeconfig'],
  needs: { api: mayAsk },
  idle,
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
        remedy: addon ? addonAgain(settings) : command('webhook'),
        transient: true,
      })
    }
    if (found.ready > 0) return pass(found, [found.by, found.version].filter(Boolean).join(' '))
    const deployment = await api.kube.get('Deployment', webhookDeployment, found.namespace)
    const none = deployment?.spec?.replicas === 0
    return fail({
      detail: `The webhook (${found.by}) has no ready pod: labelled pods cannot start`,
      is: none ? '0 wanted' : '0 ready',
      should: '1 or more',
      remedy:
        none || !deployment
          ? isAddon(found)
            ? addonAgain(settings)
            : deployment
              ? `kubectl --namespace ${found.namespace} scale deployment ${webhookDeployment} --replicas 2`
              : command('webhook')
          : `kubectl --namespace ${found.namespace} get pods,events --selector ${system}`,
      transient: true,
    })
  },
})

export const webhookAlone = check<Webhook>()({
  code: 'WI303',
  title: 'It is there once, and its service account may do its work',
  link: 'webhook',
  uses: ['webhook', 'clusterResourceGroup', 'cluster'],
  needs: { api: mayAsk, webhook: webhookHealthy },
  idle,
  async run({ settings, api, webhook, once, command }) {
    const deployments = (await webhookDeployments(api.kube)) ?? []
    const places = deployments.map(({ metadata }) => metadata.namespace!)
    const other = places.find((each) => each !== webhook.namespace)
    if (other)
      return fail({
        detail: `The webhook is installed twice: they fight over its configuration, which is ${webhook.namespace}'s now`,
        is: places.toSorted().join(', '),
        should: webhook.namespace,
        remedy: `kubectl --namespace ${other} delete deployment --selector ${system}`,
      })
    if (await once('webhook-rights', () => mayWriteItself(api.kube, webhook))) return pass(webhook)
    return fail({
      detail:
        "The webhook's service account may not write its own configuration: its role is gone, or another install's",
      is: 'may not update mutatingwebhookconfigurations',
      should: 'may',
      remedy: isAddon(webhook)
        ? addonAgain(settings)
        : webhook.by === ownRelease
          ? command('webhook')
          : rightsFor(webhook),
    })
  },
})

/** For an install of others: what its chart was can't be known, so the right comes beside it. */
const rightsFor = ({ namespace, account }: Webhook) =>
  `kubectl create clusterrole ${extra} --verb get,list,watch,update --resource mutatingwebhookconfigurations && kubectl create clusterrolebinding ${extra} --clusterrole ${extra} --serviceaccount ${namespace}:${account}`
const extra = 'azure-wi-webhook-configuration'

export const certificateValid = check<Webhook>()({
  code: 'WI304',
  title: 'The API server can trust its certificate',
  link: 'webhook',
  uses: ['webhook'],
  needs: { api: mayAsk, webhook: webhookAlone },
  idle,
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
