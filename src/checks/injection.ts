import type { KubeObject } from '../clients/kubernetes.ts'
import { ServiceError } from '../clients/service-error.ts'
import { check, fail, pass } from '../engine/check.ts'
import { retryRule } from '../engine/retry.ts'
import type { Settings } from '../settings/settings.ts'
import { webhookConfiguration, webhookDeployment } from '../steps/webhook-names.ts'
import { clusterReadRights } from './kubernetes-rights.ts'
import { accountAnnotated, tenantAnnotation, tokenLifetimeInRange } from './service-account.ts'
import { repairAddonCommand, webhookCertificateValid } from './webhook.ts'
import { excludedBy } from './workloads/namespace.ts'

const excludedWhen = (settings: Settings) => settings.webhook === 'none'

/** The one dry run: the pod as the webhook would let it start, or why it would not. */
type Tried = { pod: KubeObject; selector?: Selector } | { error: unknown }

interface Selector {
  matchLabels?: Record<string, string>
  matchExpressions?: unknown[]
}

const useKey = 'azure.workload.identity/use'

/** True for those of 1.0 and newer, and for none at all. */
const selects = ({ matchLabels = {}, matchExpressions = [] }: Selector = {}) =>
  matchExpressions.length === 0 &&
  Object.entries(matchLabels).every(([key, value]) => key === useKey && value === 'true')

/** What a namespace's labels must not be, or must be, so that the webhook sees its pods. */
const enforcer = 'admissions.enforcer/disabled'

export const namespaceSelected = check<Tried>()({
  code: 'WI206',
  title: "The webhook sees the namespace's pods",
  link: 'webhook',
  uses: ['namespace', 'serviceAccount', 'os'],
  needs: {
    api: clusterReadRights,
    webhook: webhookCertificateValid,
    account: accountAnnotated,
    lifetime: tokenLifetimeInRange,
  },
  excludedWhen,
  async run({ settings, api }) {
    let tried: Tried
    try {
      tried = { pod: await api.kube.dryRun(probePod(settings)) }
    } catch (error) {
      // A webhook that can't be called is told of below; the API server's own trouble may pass.
      if (retryRule(error) && !/webhook/.test((error as Error).message)) throw error
      return pass({ error } as Tried)
    }
    if (envOf(tried.pod).AZURE_FEDERATED_TOKEN_FILE !== undefined) return pass(tried)
    const { namespace } = settings
    const [configuration, home] = await Promise.all([
      api.kube.get('MutatingWebhookConfiguration', webhookConfiguration),
      api.kube.get('Namespace', namespace),
    ])
    const labels = home?.metadata.labels ?? {}
    const { matchLabels = {}, matchExpressions = [] } = configuration?.webhooks?.[0]?.namespaceSelector ?? {}
    const spared = excludedBy(labels)
    const { labels: marks, annotations } = configuration?.metadata ?? {}
    if (spared && (marks?.[enforcer] ?? annotations?.[enforcer]) !== 'true')
      return fail({
        detail: `AKS keeps webhooks away from ${namespace}, which is labelled as one of its own`,
        is: `${spared}=${labels[spared]}`,
        should: '(no such label)',
        // That of AKS itself would be back in a moment.
        remedy: /^kube-/.test(namespace)
          ? `Run the workload in a namespace of its own: npx wi-setup --namespace … --service-account ${settings.serviceAccount}`
          : `kubectl label namespace ${namespace} ${spared}-`,
      })
    const [missing] = Object.entries(matchLabels as Record<string, string>).filter(
      ([key, value]) => labels[key] !== value,
    )
    if (missing)
      return fail({
        detail: `The webhook looks only at namespaces with a label that ${namespace} lacks`,
        is: `${missing[0]}=${labels[missing[0]] ?? '(none)'}`,
        should: missing.join('='),
        remedy: `kubectl label namespace ${namespace} --overwrite ${missing.join('=')}`,
      })
    if (matchExpressions.length)
      return fail({
        detail: `The webhook's namespaceSelector may leave ${namespace} out`,
        is: JSON.stringify(labels),
        should: JSON.stringify(matchExpressions),
        remedy: `kubectl get mutatingwebhookconfiguration ${webhookConfiguration} --output yaml`,
      })
    return pass({ ...tried, selector: configuration?.webhooks?.[0]?.objectSelector })
  },
})

export const injectedTenant = check()({
  code: 'WI305',
  title: "The tenant that a pod is given is the identity's",
  link: 'webhook',
  uses: ['tenant', 'namespace', 'serviceAccount'],
  needs: { tried: namespaceSelected, tenant: tenantAnnotation },
  excludedWhen,
  async run({ settings, tried, command }) {
    // The annotation wins over the webhook's own, so this is about the webhook where there is none.
    const given = 'pod' in tried ? envOf(tried.pod).AZURE_TENANT_ID : undefined
    if (given === undefined || given === settings.tenant) return pass(true as const)
    return fail({
      detail:
        'The webhook was installed for another tenant, and the service account does not name one (Entra: AADSTS700016)',
      is: given,
      should: settings.tenant,
      remedy: command('federate', 'namespace', 'serviceAccount'),
    })
  },
})

export const podInjected = check()({
  code: 'WI201',
  title: 'A labelled pod is given its token',
  link: 'webhook',
  uses: ['namespace', 'serviceAccount', 'audience', 'os', 'clusterResourceGroup', 'cluster'],
  needs: {
    account: accountAnnotated,
    webhook: webhookCertificateValid,
    tried: namespaceSelected,
    tenant: injectedTenant,
  },
  excludedWhen,
  async run({ settings, account, webhook, tried, command }) {
    const remedy = `kubectl --namespace ${webhook.namespace} logs deploy/${webhookDeployment}`
    if ('error' in tried) {
      const text = (tried.error as Error).message
      if (!(tried.error instanceof ServiceError) || !/failed calling webhook|denied the request/.test(text))
        throw tried.error
      return fail({
        detail: `The API server does not let a labelled pod in: ${text}`,
        remedy,
        transient: true,
      })
    }
    const { pod } = tried
    const env = envOf(pod)
    const wrong = (detail: string, is: string | undefined, should: string) =>
      fail({ detail, is: is ?? '(none)', should, remedy })
    const file: string | undefined = env.AZURE_FEDERATED_TOKEN_FILE
    if (!file && !selects(tried.selector))
      return fail({
        detail: "The webhook's configuration no longer selects labelled pods",
        is: JSON.stringify(tried.selector ?? {}),
        should: JSON.stringify({ matchLabels: { [useKey]: 'true' } }),
        remedy: `kubectl delete mutatingwebhookconfiguration ${webhookConfiguration} && ${
          webhook.installer === 'AKS add-on' ? repairAddonCommand(settings) : command('webhook')
        }`,
      })
    if (!file) return wrong('AZURE_FEDERATED_TOKEN_FILE is not injected', undefined, 'the path of the token')
    if (env.AZURE_CLIENT_ID !== account.clientId)
      return wrong('AZURE_CLIENT_ID is not injected as annotated', env.AZURE_CLIENT_ID, account.clientId)
    if (env.AZURE_TENANT_ID !== account.tenantId)
      return wrong('AZURE_TENANT_ID is not injected as annotated', env.AZURE_TENANT_ID, account.tenantId)
    const audience = tokenAudience(pod)
    if (audience !== settings.audience)
      return fail({
        detail: 'The webhook mounts a token for another audience than the credential trusts',
        is: audience ?? '(none)',
        should: settings.audience,
        remedy: `${command('federate', 'namespace', 'serviceAccount').replace(/ --audience \S+/, '')} --audience ${audience ?? 'api://AzureADTokenExchange'}`,
      })
    return pass(true as const)
  },
})

const envOf = (pod: KubeObject): Record<string, string | undefined> =>
  Object.fromEntries(
    (pod.spec.containers[0].env ?? []).map((each: { name: string; value?: string }) => [
      each.name,
      each.value,
    ]),
  )

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
