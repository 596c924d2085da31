import type { KubeObject } from '../clients/kubernetes.ts'
import { check, fail, pass } from '../engine/check.ts'
import type { Settings } from '../settings/settings.ts'
import { findWebhook, type Webhook } from '../steps/webhook.ts'
import { clusterAnswers } from './cluster.ts'
import { accountAnnotated } from './service-account.ts'

const idle = (settings: Settings) => settings.webhook === 'none'

export const webhookHealthy = check<Webhook>()({
  code: 'WI301',
  title: 'The webhook is installed and has ready pods',
  link: 'webhook',
  uses: ['webhook'],
  needs: { api: clusterAnswers },
  idle,
  async run({ api, once, command }) {
    const found = await once('webhook', () => findWebhook(api.kube))
    if (!found)
      return fail({
        detail: 'The mutating webhook is not installed',
        mend: command('webhook'),
        transient: true,
      })
    if (found.ready === 0)
      return fail({
        detail: `The webhook (${found.by}) has no ready pod: labelled pods cannot start`,
        is: '0 ready',
        should: '1 or more',
        mend: `kubectl -n ${found.namespace} get pods,events -l azure-workload-identity.io/system=true`,
        transient: true,
      })
    return pass(found, [found.by, found.version].filter(Boolean).join(' '))
  },
})

export const podInjected = check()({
  code: 'WI201',
  title: 'A labelled pod is given its token',
  link: 'webhook',
  uses: ['namespace', 'serviceAccount', 'audience', 'os'],
  needs: { api: clusterAnswers, account: accountAnnotated, webhook: webhookHealthy },
  idle,
  async run({ settings, api, account, webhook, command }) {
    const pod = await api.kube.dryRun(probePod(settings))
    const env = Object.fromEntries(
      (pod.spec.containers[0].env ?? []).map((each: { name: string; value?: string }) => [
        each.name,
        each.value,
      ]),
    )
    const mend = `kubectl -n ${webhook.namespace} logs deploy/azure-wi-webhook-controller-manager`
    const wrong = (detail: string, is: string | undefined, should: string) =>
      fail({ detail, is: is ?? '(none)', should, mend })
    if (env.AZURE_CLIENT_ID !== account.clientId)
      return wrong('AZURE_CLIENT_ID is not injected as annotated', env.AZURE_CLIENT_ID, account.clientId)
    if (env.AZURE_TENANT_ID !== account.tenantId)
      return wrong('AZURE_TENANT_ID is not injected as annotated', env.AZURE_TENANT_ID, account.tenantId)
    const file: string | undefined = env.AZURE_FEDERATED_TOKEN_FILE
    if (!file) return wrong('AZURE_FEDERATED_TOKEN_FILE is not injected', undefined, 'the path of the token')
    const audience = tokenAudience(pod)
    if (audience !== settings.audience)
      return fail({
        detail: 'The webhook mounts a token for another audience than the credential trusts',
        is: audience ?? '(none)',
        should: settings.audience,
        mend: `${command('federate', 'namespace', 'serviceAccount')} --audience ${audience ?? 'api://AzureADTokenExchange'}`,
      })
    return pass(true as const)
  },
})

function tokenAudience(pod: KubeObject): string | undefined {
  for (const volume of pod.spec.volumes ?? [])
    for (const source of volume.projected?.sources ?? [])
      if (source.serviceAccountToken?.audience !== undefined && /azure/.test(volume.name))
        return source.serviceAccountToken.audience
  return undefined
}

/** A pod that is never created: only its admission is asked for. It passes the restricted Pod Security Standard. */
const probePod = ({
  namespace,
  serviceAccount,
  os,
}: Pick<Settings, 'namespace' | 'serviceAccount' | 'os'>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'wi-setup-probe', namespace, labels: { 'azure.workload.identity/use': 'true' } },
  spec: {
    serviceAccountName: serviceAccount,
    automountServiceAccountToken: false,
    nodeSelector: { 'kubernetes.io/os': os },
    ...(os === 'linux'
      ? {
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            seccompProfile: { type: 'RuntimeDefault' },
          },
        }
      : {}),
    containers: [
      {
        name: 'probe',
        image: 'registry.k8s.io/pause:3.10',
        resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '10m', memory: '16Mi' } },
        ...(os === 'linux'
          ? { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }
          : {}),
      },
    ],
  },
})
