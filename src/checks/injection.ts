import { inSequence, instruction, kubectl, option, type Script, wiSetup, withFlag } from '../base/command.ts'
import type { KubeObject } from '../clients/kubernetes.ts'
import { ServiceError } from '../clients/service-error.ts'
import { check, fail, pass, type Verdict } from '../engine/check.ts'
import { retryRule } from '../engine/retry-rules.ts'
import type { Settings } from '../settings/settings.ts'
import { tenantIdKey } from '../steps/service-account.ts'
import { webhookConfiguration, webhookDeployment } from '../steps/webhook-names.ts'
import { configurationVerdict, judgedBy, readConfiguredInjection } from './configured-injection.ts'
import { environmentOf, type Injection, injectedAudience, probePod } from './injection-probe.ts'
import { canCreatePods, clusterReadRights } from './kubernetes-rights.ts'
import { type LabelSelector, matchesSelector } from './label-selector.ts'
import {
  type AccountAnnotations,
  accountAnnotated,
  tenantAnnotation,
  tokenLifetimeInRange,
} from './service-account.ts'
import { repairAddonCommand, webhookCertificateValid, webhookInstalledOnce, webhookReady } from './webhook.ts'
import { excludedBy } from './workloads/namespace.ts'
import { useLabel } from './workloads/workload.ts'

const excludedWhen = (settings: Settings) => settings.webhook === 'none'

/** Webhooks with this label or annotation are exempt from AKS's admissions enforcer. */
const enforcerExemption = 'admissions.enforcer/disabled'

const labeled = { [useLabel]: 'true' }

export const namespaceSelected = check<Injection>()({
  code: 'WI206',
  title: "The webhook selects the workload's namespace",
  link: 'webhook',
  uses: ['namespace', 'serviceAccount', 'os'],
  needs: { api: clusterReadRights, webhook: webhookReady },
  excludedWhen,
  async run({ settings, api, webhook }) {
    const { namespace } = settings
    const readExclusion = async () => {
      const [configuration, found] = await Promise.all([
        api.kube.get('MutatingWebhookConfiguration', webhookConfiguration),
        api.kube.get('Namespace', namespace),
      ])
      const labels = found?.metadata.labels ?? {}
      return { configuration, exclusion: namespaceExclusion(configuration, labels, settings) }
    }
    if (!(await canCreatePods(api.kube, namespace))) {
      const { configuration, exclusion } = await readExclusion()
      const configured = await readConfiguredInjection(api.kube, webhook, configuration)
      return exclusion ?? pass({ configured }, judgedBy.configuration)
    }
    let dryRun: { pod: KubeObject }
    try {
      dryRun = { pod: await api.kube.dryRun(probePod(settings)) }
    } catch (error) {
      // podInjected reports a webhook that can't be called. An outage of the API server itself is transient.
      if (retryRule(error) && !/webhook/.test((error as Error).message)) throw error
      return (await readExclusion()).exclusion ?? pass({ error }, judgedBy.configuration)
    }
    if (environmentOf(dryRun.pod).AZURE_FEDERATED_TOKEN_FILE !== undefined)
      return pass(dryRun, judgedBy.dryRun)
    const { configuration, exclusion } = await readExclusion()
    return exclusion ?? pass({ ...dryRun, selector: configuration?.webhooks?.[0]?.objectSelector })
  },
})

/** Returns why the webhook is not called for pods of this namespace, or undefined. */
function namespaceExclusion(
  configuration: KubeObject | undefined,
  labels: Record<string, string>,
  { namespace, serviceAccount }: Pick<Settings, 'namespace' | 'serviceAccount'>,
): Verdict<never> | undefined {
  const selector = (configuration?.webhooks?.[0]?.namespaceSelector ?? {}) as LabelSelector
  const { labels: ownLabels, annotations } = configuration?.metadata ?? {}
  const label = excludedBy(labels)
  if (label && (ownLabels?.[enforcerExemption] ?? annotations?.[enforcerExemption]) !== 'true')
    return fail({
      detail: `AKS excludes namespace ${namespace} from all webhooks, because its label marks it as AKS's own`,
      is: `${label}=${labels[label]}`,
      should: '(no such label)',
      // AKS restores the label on its own namespaces.
      remedy: /^kube-/.test(namespace)
        ? instruction`Run the workload in another namespace: ${wiSetup(...option('--namespace', '…'), ...option('--service-account', serviceAccount))}`
        : kubectl(['label', `namespace/${namespace}`, `${label}-`]),
    })
  const missing = Object.entries(selector.matchLabels ?? {}).find(([key, value]) => labels[key] !== value)
  if (missing)
    return fail({
      detail: `Namespace ${namespace} lacks a label that the webhook's namespaceSelector requires`,
      is: `${missing[0]}=${labels[missing[0]] ?? '(none)'}`,
      should: missing.join('='),
      remedy: kubectl(['label', `namespace/${namespace}`, '--overwrite', missing.join('=')]),
    })
  if (!matchesSelector(selector, labels))
    return fail({
      detail: `The webhook's namespaceSelector doesn't match namespace ${namespace}`,
      is: JSON.stringify(labels),
      should: JSON.stringify(selector.matchExpressions),
      remedy: kubectl(['get', `mutatingwebhookconfiguration/${webhookConfiguration}`], { output: 'yaml' }),
    })
  return undefined
}

export const injectedTenant = check()({
  code: 'WI305',
  title: "The webhook injects the identity's tenant into pods",
  link: 'webhook',
  uses: ['tenant', 'namespace', 'serviceAccount'],
  needs: { account: accountAnnotated, dryRun: namespaceSelected, tenant: tenantAnnotation },
  excludedWhen,
  async run({ settings, account, dryRun, command }) {
    // The annotation overrides the webhook's default, so only a missing annotation gets here.
    const tenant =
      'pod' in dryRun
        ? environmentOf(dryRun.pod).AZURE_TENANT_ID
        : 'configured' in dryRun && account.annotations[tenantIdKey] === undefined
          ? dryRun.configured.tenant
          : undefined
    if (tenant === undefined || tenant === settings.tenant) return pass(true as const)
    return fail({
      detail: `The webhook was installed for another tenant, and service account ${settings.namespace}/${settings.serviceAccount} has no tenant annotation (Entra: AADSTS700016)`,
      is: tenant,
      should: settings.tenant,
      remedy: command('federate', 'namespace', 'serviceAccount'),
    })
  },
})

export const podInjected = check()({
  code: 'WI201',
  title: 'The webhook injects the token into labeled pods',
  link: 'webhook',
  uses: ['namespace', 'serviceAccount', 'audience', 'os', 'clusterResourceGroup', 'cluster'],
  needs: { account: accountAnnotated, webhook: webhookReady, dryRun: namespaceSelected },
  explainedBy: [webhookReady, webhookInstalledOnce, webhookCertificateValid, tokenLifetimeInRange],
  excludedWhen,
  async run({ settings, account, webhook, dryRun, command }) {
    const remedy = kubectl(['logs', `deploy/${webhookDeployment}`], { namespace: webhook.namespace })
    if ('error' in dryRun) {
      const { message } = dryRun.error as Error
      if (
        !(dryRun.error instanceof ServiceError) ||
        !/failed calling webhook|denied the request/.test(message)
      )
        throw dryRun.error
      return fail({
        detail: `The API server rejects pods with the workload identity label: ${message}`,
        remedy,
        transient: true,
      })
    }
    const reinstall = inSequence(
      kubectl(['delete', `mutatingwebhookconfiguration/${webhookConfiguration}`]),
      webhook.installer === 'AKS add-on' ? repairAddonCommand(settings) : command('webhook'),
    )
    const audienceVerdict = (audience: string | undefined) =>
      audience === settings.audience
        ? undefined
        : fail({
            detail:
              'The webhook mounts a token for a different audience than the federated credential trusts',
            is: audience ?? '(none)',
            should: settings.audience,
            unexplained: true,
            remedy: withFlag(
              command('federate', 'namespace', 'serviceAccount'),
              '--audience',
              audience ?? 'api://AzureADTokenExchange',
            ),
          })
    if ('configured' in dryRun) {
      const verdict = configurationVerdict(dryRun.configured, labeled, reinstall)
      return verdict.status === 'fail'
        ? { ...verdict, unexplained: true }
        : (audienceVerdict(dryRun.configured.audience) ?? verdict)
    }
    return (
      podVerdict(dryRun, account, { reinstall, showLog: remedy }) ??
      audienceVerdict(injectedAudience(dryRun.pod)) ??
      pass(true as const, judgedBy.dryRun)
    )
  },
})

/** Returns what the webhook did not inject into the pod, or undefined. */
function podVerdict(
  { pod, selector }: { pod: KubeObject; selector?: LabelSelector },
  account: AccountAnnotations,
  remedies: { reinstall: Script; showLog: Script },
): Verdict<never> | undefined {
  const env = environmentOf(pod)
  const differs = (detail: string, is: string | undefined, should: string) =>
    fail({ detail, is: is ?? '(none)', should, remedy: remedies.showLog, unexplained: true })
  if (!env.AZURE_FEDERATED_TOKEN_FILE) {
    if (matchesSelector(selector ?? {}, labeled))
      return differs('The webhook does not inject AZURE_FEDERATED_TOKEN_FILE', undefined, "the token's path")
    return fail({
      detail: "The webhook's configuration doesn't select pods with the workload identity label",
      is: JSON.stringify(selector ?? {}),
      should: JSON.stringify({ matchLabels: labeled }),
      remedy: remedies.reinstall,
      unexplained: true,
    })
  }
  if (env.AZURE_CLIENT_ID !== account.clientId)
    return differs(
      'The injected AZURE_CLIENT_ID differs from the annotation',
      env.AZURE_CLIENT_ID,
      account.clientId,
    )
  // Without the annotation, the webhook's own tenant is injected: WI305.
  if (tenantIdKey in account.annotations && env.AZURE_TENANT_ID !== account.tenantId)
    return differs(
      'The injected AZURE_TENANT_ID differs from the annotation',
      env.AZURE_TENANT_ID,
      account.tenantId,
    )
  return undefined
}
