import { stringify } from 'yaml'
import { jsonText } from '../../base/json-text.ts'
import { type InjectionEvidence, kubernetesRules, type PolicyRule } from '../../checks/kubernetes-rules.ts'
import type { AnyStep, RequiredAction } from '../../engine/step.ts'
import { withDefaults } from '../../settings/resolve.ts'
import { type KnownSettings, type Settings, valuesOf } from '../../settings/settings.ts'
import { usesAks } from '../../settings/uses-aks.ts'
import { stepsFor } from '../../steps/index.ts'
import { chartNamespace } from '../../steps/webhook-names.ts'

export interface PermissionOptions {
  /** Whom to bind the roles to. */
  user: string | undefined
  evidence: InjectionEvidence
}

/** Returns the permissions as YAML for kubectl, with those in Azure as comments. */
export function permissionsText(known: KnownSettings, options: PermissionOptions): string {
  const settings = valuesOf(withDefaults(known)) as Settings
  const objects = kubernetesObjects(settings, options)
  const yaml = objects.map((each) => `---\n${stringify(each, { lineWidth: 0 })}`).join('')
  return `${comments(settings, options.evidence)}${yaml}`
}

/** Returns the permissions as one line of JSON. */
export function permissionsJson(known: KnownSettings, options: PermissionOptions): string {
  const settings = valuesOf(withDefaults(known)) as Settings
  return `${jsonText({
    azure: actionsToSetUp(settings),
    azureDestroy: actionsToDestroy(settings),
    kubernetes: kubernetesObjects(settings, options),
    notes: settings.issuer === undefined ? exposureNotes(settings, options.evidence) : [],
  })}\n`
}

function kubernetesObjects(settings: Settings, { user, evidence }: PermissionOptions) {
  if (settings.issuer !== undefined) return []
  // A set-up deploys pods, and --in-cluster starts one.
  const { setup, inCluster } = kubernetesRules(settings)
  const { verify, workloads, posture, bindings } = kubernetesRules(settings, evidence)
  const commands = {
    'wi-setup': setup,
    'wi-setup-verify': verify,
    'wi-setup-inside': inCluster,
    'wi-setup-workloads': workloads,
    'wi-setup-posture': posture,
    'wi-setup-bindings': bindings,
  }
  return Object.entries(commands)
    .flatMap(([name, { namespace, webhook, cluster }]) => [
      roleObject('Role', name, namespace, settings.namespace),
      roleObject('Role', name, webhook, webhookNamespace(settings)),
      roleObject('ClusterRole', name, cluster),
    ])
    .filter(({ rules }) => rules.length > 0)
    .flatMap((role) => (user === undefined ? [role] : [role, bindingObject(role, user)]))
}

const roleObject = (kind: 'Role' | 'ClusterRole', name: string, rules: PolicyRule[], namespace?: string) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  rules,
})

const bindingObject = ({ kind, metadata, apiVersion }: ReturnType<typeof roleObject>, user: string) => ({
  apiVersion,
  kind: `${kind}Binding`,
  metadata,
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: metadata.name },
  subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: user }],
})

/** Returns the namespace in which AKS or the chart installs the webhook. */
const webhookNamespace = ({ context, kubeconfig, webhook }: Settings) =>
  context === undefined && kubeconfig === undefined && webhook !== 'helm' ? 'kube-system' : chartNamespace

/** Returns the ARM actions that the steps require before the first write. */
const actionsToSetUp = (settings: Settings) =>
  actionsOf(settings, ({ actionsToApply }) =>
    actionsToApply?.(settings as never, { state: 'absent' } as never),
  )

/** Returns the ARM actions that `destroy` requires if wi-setup created everything. */
const actionsToDestroy = (settings: Settings) =>
  actionsOf(settings, ({ actionsToRemove }) => actionsToRemove?.(settings as never))

const actionsOf = (settings: Settings, rightsOf: (step: AnyStep) => RequiredAction[] | undefined) =>
  stepsFor(settings).flatMap((step) =>
    (rightsOf(step) ?? []).map(({ action, group, subscription, on }) => ({
      step: step.id,
      action,
      scope: on ?? scopeText(settings, group, subscription),
    })),
  )

/** Before sign-in, the main subscription may be unset, and others known by name. */
function scopeText({ subscription: main }: Settings, group?: string, subscription = main): string {
  const other = subscription === main ? undefined : `subscription ${subscription}`
  if (group === undefined) return other === undefined ? 'the subscription' : `the ${other}`
  return `the resource group ${group}${other === undefined ? '' : ` in ${other}`}`
}

/** Returns what else the Kubernetes roles allow, because RBAC has no narrower rights. */
function exposureNotes(
  { namespace, serviceAccount, webhook }: Settings,
  evidence: InjectionEvidence,
): string[] {
  const pods = `Whoever can create pods in ${namespace} can run them as any service account of the namespace, and act as its identity.`
  return [
    `Every role can create tokens of ${namespace}/${serviceAccount}, and so act as the workload: verify tests its access with them.`,
    ...(webhook === 'none'
      ? []
      : evidence === 'dry run'
        ? [
            `Every role can create pods: RBAC can't restrict create to dry runs, which verify uses to test the webhook. ${pods}`,
            "With --without-injection, wi-setup-verify, wi-setup-workloads and wi-setup-posture omit this right; verify then evaluates the webhook's configuration.",
          ]
        : [`wi-setup and wi-setup-inside start pods. ${pods}`]),
  ]
}

function comments(settings: Settings, evidence: InjectionEvidence): string {
  const isApp = settings.identityKind !== 'managed'
  const actionLines = (actions: ReturnType<typeof actionsOf>) =>
    actions.map(({ step, action, scope }) => `  ${step}: ${action} on ${scope}`)
  const lines = [
    'Azure, for the complete set-up (existing resources need Reader only):',
    ...actionLines(actionsToSetUp(settings)),
    '  The role Contributor includes these, except roleAssignments/write: Role Based Access Control Administrator.',
    ...(isApp
      ? [
          '  In Entra, for an app registration: the role Application Developer, or the permission Application.ReadWrite.OwnedBy.',
        ]
      : []),
    'Azure, for destroy of what wi-setup created:',
    ...actionLines(actionsToDestroy(settings)),
    'Azure, for verify: Reader on the resource groups of cluster, identity and vault.',
    ...(usesAks(settings) || settings.issuer !== undefined
      ? []
      : [
          'Azure, for issuer publish and rotate: Storage Blob Data Contributor on the storage account; with --create, Contributor on its resource group.',
        ]),
    ...(usesAks(settings) ? ['On AKS, for all of them: Azure Kubernetes Service Cluster User Role.'] : []),
    ...(settings.issuer === undefined ? kubernetesLines(settings, evidence) : []),
  ]
  return lines.map((line) => `# ${line}\n`).join('')
}

function kubernetesLines(settings: Settings, evidence: InjectionEvidence): string[] {
  return [
    'Kubernetes: wi-setup is for the complete set-up, wi-setup-verify for verify, wi-setup-inside for verify --in-cluster,',
    '  wi-setup-workloads for verify --workload and --workloads (with it, plain verify also checks the running pods),',
    '  wi-setup-posture for verify --posture, wi-setup-bindings in addition for verify of a workload with an identity',
    '  binding of AKS: it allows asking whether the service account may use the identity (WI117).',
    ...exposureNotes(settings, evidence).map((note) => `  ${note}`),
    `  The namespaces ${settings.namespace} and ${webhookNamespace(settings)} must exist; creating one needs create and patch on namespaces.`,
    '  destroy lists all kinds in the namespace and deletes it: the role admin there; cluster-admin for the webhook.',
    '  Installing the webhook needs cluster-admin; an existing one is reused.',
  ]
}
