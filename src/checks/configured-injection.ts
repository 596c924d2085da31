import { kubectl, type Script } from '../base/command.ts'
import type { KubeObject, Kubernetes } from '../clients/kubernetes.ts'
import { fail, pass, type Verdict, warn } from '../engine/check.ts'
import type { InstalledWebhook } from '../steps/installed-webhook.ts'
import { webhookConfig, webhookConfiguration, webhookDeployment } from '../steps/webhook-names.ts'
import { type LabelSelector, matchesSelector } from './label-selector.ts'

/** An entry of a MutatingWebhookConfiguration. */
interface RegisteredWebhook {
  failurePolicy?: string
  objectSelector?: LabelSelector
  matchConditions?: { name: string; expression: string }[]
  rules?: { apiGroups?: string[]; apiVersions?: string[]; operations?: string[]; resources?: string[] }[]
}

/** What the webhook would do with a new pod, as far as its configuration shows it. */
export interface ConfiguredInjection {
  webhook: RegisteredWebhook
  /** The tenant that is injected without an annotation, if the webhook has one. */
  tenant: string | undefined
  audience: string
}

/** Reads the webhook's configuration, for callers who can't create pods, not even in a dry run. */
export async function readConfiguredInjection(
  kube: Kubernetes,
  { namespace }: InstalledWebhook,
  configuration: KubeObject | undefined,
): Promise<ConfiguredInjection> {
  const [config, deployment] = await Promise.all([
    kube.get('ConfigMap', webhookConfig, namespace),
    kube.get('Deployment', webhookDeployment, namespace),
  ])
  const args = (deployment?.spec?.template?.spec?.containers?.[0]?.args ?? []) as string[]
  const audience = args.map((arg) => /^--?audience=(.+)$/.exec(arg)?.[1]).find(Boolean)
  return {
    webhook: (configuration?.webhooks?.[0] ?? {}) as RegisteredWebhook,
    tenant: config?.data?.AZURE_TENANT_ID,
    audience: audience ?? 'api://AzureADTokenExchange',
  }
}

const includes = (list: string[] | undefined, value: string) =>
  list?.some((each) => each === value || each === '*') ?? false

const coversNewPods = ({ rules = [] }: RegisteredWebhook) =>
  rules.some(
    ({ apiGroups, apiVersions, operations, resources }) =>
      includes(apiGroups, '') &&
      includes(apiVersions, 'v1') &&
      includes(operations, 'CREATE') &&
      (includes(resources, 'pods') || includes(resources, '*/*')),
  )

export const judgedBy = {
  dryRun: 'by a dry run of a pod',
  configuration: "by the webhook's configuration: you can't create pods, not even in a dry run",
}

/** Returns the verdict on a pod with these labels. `reinstall` restores the configuration. */
export function configurationVerdict(
  { webhook }: ConfiguredInjection,
  labels: Record<string, string>,
  reinstall: Script,
): Verdict<true> {
  if (!matchesSelector(webhook.objectSelector ?? {}, labels))
    return fail({
      detail: "The webhook's configuration doesn't select pods with the workload identity label",
      is: JSON.stringify(webhook.objectSelector),
      should: JSON.stringify({ matchLabels: labels }),
      remedy: reinstall,
    })
  if (!coversNewPods(webhook))
    return fail({
      detail: "The webhook's configuration doesn't cover the creation of pods",
      is: JSON.stringify(webhook.rules ?? []),
      should: JSON.stringify([
        { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
      ]),
      remedy: reinstall,
    })
  const show = kubectl(['get', `mutatingwebhookconfiguration/${webhookConfiguration}`], { output: 'yaml' })
  if (webhook.matchConditions?.length)
    return warn(true, {
      detail:
        "The webhook has match conditions, which only a dry run of a pod evaluates; you can't create pods",
      is: webhook.matchConditions.map(({ name, expression }) => `${name}: ${expression}`).join('; '),
      should: '(none)',
      remedy: show,
    })
  if (webhook.failurePolicy === 'Ignore')
    return warn(true, {
      detail: 'While the webhook is unavailable, pods start without the token',
      is: 'failurePolicy: Ignore',
      should: 'failurePolicy: Fail',
      remedy: show,
    })
  return pass(true as const, judgedBy.configuration)
}
