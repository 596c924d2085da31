import { check, fail, pass } from '../../engine/check.ts'
import { connectionOf } from '../../steps/cluster-connection.ts'
import { findWebhook } from '../../steps/installed-webhook.ts'
import { chartSource, webhookMethod } from '../../steps/webhook.ts'
import { grantCommand, missingRights, missingRightsDetail } from '../kubernetes-rights.ts'
import { kubernetesRules } from '../kubernetes-rules.ts'
import { existingResources } from './existing-resources.ts'

export const clusterWriteRights = check<{ reached: boolean }>()({
  code: 'WI702',
  title: 'You can write the resources that the set-up creates in the cluster',
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
  needs: { existing: existingResources },
  excludedWhen: (settings) => settings.issuer !== undefined,
  async run({ settings, existing, kubernetes, command }) {
    if (connectionOf(settings)?.kind === 'aks' && !existing.cluster)
      return pass({ reached: false }, 'the cluster will be created')
    const kube = kubernetes(connectionOf(settings)!)
    const granted = await kube.ownRights(settings.namespace)
    if (!granted) return pass({ reached: true }, "the cluster doesn't report rights")
    const { namespace, cluster } = kubernetesRules(settings).setup
    const missing = missingRights(granted, [...namespace, ...cluster])
    if (missing.length === 0) return pass({ reached: true })
    return fail({
      detail: missingRightsDetail(missing),
      remedy: grantCommand(command('permissions', 'namespace', 'serviceAccount'), await kube.callerName()),
    })
  },
})

export const chartReadable = check()({
  code: 'WI806',
  title: "The webhook's Helm chart can be read",
  link: 'caller',
  uses: ['webhook', 'chart', 'chartVersion', 'context', 'kubeconfig', 'cluster', 'clusterResourceGroup'],
  needs: { existing: existingResources, cluster: clusterWriteRights },
  excludedWhen: (settings) =>
    settings.issuer !== undefined || settings.webhook === 'none' || webhookMethod(settings) === 'addon',
  async run({ settings, cluster, kubernetes, helm }) {
    const found = cluster.reached && (await findWebhook(kubernetes(connectionOf(settings)!)))
    if (found) return pass(true as const, `already installed: ${found.installer}`)
    const { chartVersion: version } = settings
    await helm.show({ ...chartSource(settings.chart), ...(version === undefined ? {} : { version }) })
    return pass(true as const)
  },
})
