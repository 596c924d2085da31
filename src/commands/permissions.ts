import { stringify } from 'yaml'
import { kubernetesRules, type PolicyRule } from '../checks/kubernetes-rules.ts'
import type { AnyStep, RequiredAction } from '../engine/step.ts'
import type { Invocation } from '../session/invocation.ts'
import { readGiven } from '../session/session.ts'
import { withDefaults } from '../settings/resolve.ts'
import { type Settings, valuesOf } from '../settings/settings.ts'
import { stepsFor } from '../steps/index.ts'
import { chartNamespace } from '../steps/webhook-names.ts'

/** Prints the rights that the whole job and `verify` need: Azure's as comments, the cluster's as YAML to apply. Asks nobody. */
export async function permissions(invocation: Invocation): Promise<number> {
  const { world } = invocation
  const { user } = invocation.globals
  const settings = valuesOf(withDefaults(readGiven(invocation).known)) as Settings
  const rights = kubernetesRules(settings)
  const commands = {
    'wi-setup': rights.setup,
    'wi-setup-verify': rights.verify,
    'wi-setup-inside': rights.inCluster,
    'wi-setup-workloads': rights.workloads,
    'wi-setup-posture': rights.posture,
  }
  const object = (kind: string, name: string, rules: PolicyRule[], namespace?: string) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    rules,
  })
  const documents = Object.entries(commands)
    .flatMap(([name, of]) => [
      object('Role', name, of.namespace, settings.namespace),
      object('Role', name, of.webhook, webhookNamespace(settings)),
      object('ClusterRole', name, of.cluster),
    ])
    .filter(({ rules }) => rules.length > 0)
    .flatMap((role) => (user === undefined ? [role] : [role, bindingOf(role, user)]))
  if (invocation.globals.output === 'json')
    world.stdout.write(
      `${JSON.stringify({ azure: azureRights(settings), azureDestroy: destroyRights(settings), kubernetes: documents })}\n`,
    )
  else
    world.stdout.write(
      `${comments(settings)}${documents.map((each) => `---\n${stringify(each, { lineWidth: 0 })}`).join('')}`,
    )
  return 0
}

/** Where AKS or the chart puts it. */
const webhookNamespace = ({ context, kubeconfig, webhook }: Settings) =>
  context === undefined && kubeconfig === undefined && webhook !== 'helm' ? 'kube-system' : chartNamespace

/** Gives a role to a user, as the API server knows them. */
const bindingOf = (
  { kind, metadata, apiVersion }: { kind: string; metadata: object; apiVersion: string },
  user: string,
) => ({
  apiVersion,
  kind: `${kind}Binding`,
  metadata,
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: (metadata as { name: string }).name },
  subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: user }],
})

/** The ARM actions that the steps ask for before the first write, and where. */
const azureRights = (settings: Settings) =>
  told(settings, ({ actionsToApply }) => actionsToApply?.(settings as never, { state: 'absent' } as never))

/** Those that `destroy` asks for, if all was made by wi-setup. */
const destroyRights = (settings: Settings) =>
  told(settings, ({ actionsToRemove }) => actionsToRemove?.(settings as never))

const told = (settings: Settings, rightsOf: (step: AnyStep) => RequiredAction[] | undefined) =>
  stepsFor(settings).flatMap((step) =>
    (rightsOf(step) ?? []).map(({ action, group }) => ({
      step: step.id,
      action,
      scope: group === undefined ? 'the subscription' : `the resource group ${group}`,
    })),
  )

const comments = (settings: Settings) => {
  const app = settings.identityKind !== 'managed'
  const aks = settings.context === undefined && settings.kubeconfig === undefined
  const lines = [
    'Azure, for the whole job (for what is there already, nothing but Reader):',
    ...azureRights(settings).map(({ step, action, scope }) => `  ${step}: ${action} in ${scope}`),
    '  The role Contributor holds them, but for roleAssignments/write: Role Based Access Control Administrator.',
    ...(app
      ? [
          '  In Entra for an app registration: Application Developer, or the permission Application.ReadWrite.OwnedBy.',
        ]
      : []),
    'Azure, for destroy of what wi-setup made:',
    ...destroyRights(settings).map(({ step, action, scope }) => `  ${step}: ${action} in ${scope}`),
    'Azure, for verify: Reader on the groups of the cluster, the identity and the vault.',
    ...(aks ? ['On AKS for both: Azure Kubernetes Service Cluster User Role.'] : []),
    'Kubernetes: wi-setup is for the whole job, wi-setup-verify for verify, wi-setup-inside for verify --in-cluster,',
    '  wi-setup-workloads for verify --workload and --workloads; with it plain verify also looks at the running pods,',
    '  wi-setup-posture for verify --posture.',
    `  The namespaces ${settings.namespace} and ${webhookNamespace(settings)} must be there; making one takes create and patch on namespaces.`,
    '  destroy lists all kinds in the namespace and removes it: the role admin there; cluster-admin for the webhook.',
    '  Installing the webhook takes cluster-admin; one that is there is used.',
  ]
  return lines.map((line) => `# ${line}\n`).join('')
}
