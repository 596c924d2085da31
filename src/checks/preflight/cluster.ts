import type { Connection } from '../../clients/kubernetes.ts'
import { check, fail, pass } from '../../engine/check.ts'
import type { Settings } from '../../settings/settings.ts'
import { findWebhook } from '../../steps/installed-webhook.ts'
import { chartSource, webhookMethod } from '../../steps/webhook.ts'
import { missingRights } from '../kubernetes-rights.ts'
import { kubernetesRules } from '../kubernetes-rules.ts'
import { existingResources } from './existing-resources.ts'

const isOther = ({ context, kubeconfig }: Pick<Settings, 'context' | 'kubeconfig'>) =>
  context !== undefined || kubeconfig !== undefined

const connectionTo = (
  settings: Pick<Settings, 'context' | 'kubeconfig' | 'cluster' | 'clusterResourceGroup'>,
): Connection =>
  isOther(settings)
    ? { kind: 'kubeconfig', path: settings.kubeconfig, context: settings.context }
    : { kind: 'aks', group: settings.clusterResourceGroup, cluster: settings.cluster! }

export const clusterWriteRights = check<{ reached: boolean }>()({
  code: 'WI702',
  title: 'You may write what the set-up writes in the cluster',
  link: 'caller',
  uses: [
    'namespace',
    'serviceAccount',
    'webhook',
    'sample',
    'context',
    'kubeconfig',
    'cluster',
    'clusterResourceGroup',
  ],
  needs: { there: existingResources },
  async run({ settings, there, kubernetes, command }) {
    if (!isOther(settings) && !there.cluster)
      return pass({ reached: false }, 'the cluster is still to be made')
    const kube = kubernetes(connectionTo(settings))
    const given = await kube.ownRights(settings.namespace)
    if (!given) return pass({ reached: true }, 'the cluster does not tell')
    const { namespace, cluster } = kubernetesRules(settings).setup
    const open = missingRights(given, [...namespace, ...cluster])
    if (open.length === 0) return pass({ reached: true })
    return fail({
      detail: `You lack rights in the cluster: ${open.join(', ')}\nSomebody who has them all can give them to you:`,
      remedy: `${command('permissions', 'namespace', 'serviceAccount')} --user ${(await kube.callerName()) ?? 'YOU'} | kubectl apply --filename -`,
    })
  },
})

export const chartReadable = check()({
  code: 'WI806',
  title: "The webhook's chart can be read, where Helm has to install it",
  link: 'caller',
  uses: ['webhook', 'chart', 'chartVersion', 'context', 'kubeconfig', 'cluster', 'clusterResourceGroup'],
  needs: { there: existingResources, cluster: clusterWriteRights },
  excludedWhen: (settings) => settings.webhook === 'none' || webhookMethod(settings) === 'addon',
  async run({ settings, cluster, kubernetes, helm }) {
    const found = cluster.reached && (await findWebhook(kubernetes(connectionTo(settings))))
    if (found) return pass(true as const, `installed already: ${found.installer}`)
    const { chartVersion: version } = settings
    await helm.show({ ...chartSource(settings.chart), ...(version === undefined ? {} : { version }) })
    return pass(true as const)
  },
})
