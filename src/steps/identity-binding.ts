import {
  az,
  type Instruction,
  inSequence,
  instruction,
  kubectl,
  piped,
  type Script,
} from '../base/command.ts'
import type { IdentityBinding } from '../clients/aks-clusters.ts'
import type { KubeObject, Kubernetes } from '../clients/kubernetes.ts'
import { ServiceError } from '../clients/service-error.ts'
import type { Settings } from '../settings/settings.ts'
import { ifForbidden } from './installed-webhook.ts'

/** Federated credential that AKS creates for identity bindings. Other tools must leave it alone. */
export const bindingCredential = 'aks-identity-binding'

export const bindingAnnotation = 'azure.workload.identity/use-identity-binding'

/** The permission that a service account needs to use a bound identity. */
export const bindingPermission = (clientId: string) => ({
  verb: 'use-managed-identity',
  group: 'cid.wi.aks.azure.com',
  resource: clientId,
})

/** A service account whose pods use an identity through an identity binding of AKS, and so without its own credential. */
export interface BoundWorkload {
  /** The cluster's binding for the identity; undefined if there is none, `unknown` if the caller can't see them. */
  binding: IdentityBinding | 'unknown' | undefined
  /** Whether the service account may use the identity; undefined if the caller can't ask. */
  allowed: boolean | undefined
}

interface Cluster {
  kube: Pick<Kubernetes, 'list' | 'canUser'>
  /** Left out if the cluster is not known to Resource Manager. */
  identityBindings?: (() => Promise<IdentityBinding[]>) | undefined
}

export const runsAs = ({ spec }: KubeObject, serviceAccount: string): boolean =>
  (spec?.serviceAccountName ?? 'default') === serviceAccount

/** Whether the pod asks the webhook for the variables of an identity binding. */
export const optsIn = ({ metadata }: KubeObject): boolean =>
  String(metadata.annotations?.[bindingAnnotation]).toLowerCase() === 'true'

/** The caller lacks the right, or AKS of this cloud doesn't know identity bindings. */
const unknownIfRefused = (error: unknown): undefined => {
  if (error instanceof ServiceError && [400, 403, 404].includes(error.status ?? 0)) return undefined
  throw error
}

/**
 * Returns how the service account is bound to the identity; undefined if it is not. A running pod that opts in shows
 * it; without one, a binding and the permission to use it. `podsOnly` looks no further if no pod opts in.
 */
export async function findBoundWorkload(
  { kube, identityBindings }: Cluster,
  workload: { namespace: string; serviceAccount: string; clientId: string },
  { podsOnly = false } = {},
): Promise<BoundWorkload | undefined> {
  const { namespace, serviceAccount, clientId } = workload
  const pods = await kube.list('Pod', namespace).catch(ifForbidden<KubeObject[]>([]))
  const isChosen = pods.some((pod) => runsAs(pod, serviceAccount) && optsIn(pod))
  if (!isChosen && podsOnly) return undefined
  const all = await identityBindings?.().catch(unknownIfRefused)
  const binding = all
    ? all.find((each) => each.clientId.toLowerCase() === clientId.toLowerCase())
    : ('unknown' as const)
  if (!isChosen && typeof binding !== 'object') return undefined
  const allowed = await kube
    .canUser(`system:serviceaccount:${namespace}:${serviceAccount}`, bindingPermission(clientId))
    .catch(ifForbidden(undefined))
  return isChosen || allowed ? { binding, allowed } : undefined
}

/** Returns the command that binds a managed identity to the cluster. */
export const bindIdentity = (
  settings: Pick<Settings, 'clusterResourceGroup' | 'cluster' | 'namespace' | 'serviceAccount'>,
  identityId: string | undefined,
): Script =>
  az('aks identity-binding create', {
    'resource-group': settings.clusterResourceGroup,
    'cluster-name': settings.cluster,
    name: `${settings.namespace}-${settings.serviceAccount}`.slice(0, 63),
    'managed-identity-resource-id': identityId,
  })

/** Returns the commands that let a service account use a bound identity, also if a role or binding of the name exists. */
export function grantIdentity(
  { namespace, serviceAccount }: Pick<Settings, 'namespace' | 'serviceAccount'>,
  clientId: string,
): Script {
  const account = `${namespace}:${serviceAccount}`
  const role = `use-identity-${account.replace(':', '-')}`
  const { verb, group, resource } = bindingPermission(clientId)
  const rules = [{ apiGroups: [group], resources: [resource], verbs: [verb] }]
  // The value of this flag is optional, so it can't be an argument of its own.
  const draft = '--dry-run=client'
  const apply = kubectl(['apply'], { filename: '-' })
  return inSequence(
    piped(
      // kubectl only creates roles for resources that the API server serves, and no client ID is one of them.
      kubectl(['create', 'clusterrole', role, draft], { verb, resource: 'serviceaccounts', output: 'json' }),
      kubectl(['patch'], {
        local: true,
        filename: '-',
        type: 'json',
        patch: JSON.stringify([{ op: 'replace', path: '/rules', value: rules }]),
        output: 'json',
      }),
      apply,
    ),
    piped(
      kubectl(['create', 'clusterrolebinding', role, draft], {
        clusterrole: role,
        serviceaccount: account,
        output: 'json',
      }),
      apply,
    ),
  )
}

/** Returns how a workload uses an identity that has no room for its credential: by a binding that shares the one of AKS. */
export function useBinding(
  settings: Parameters<typeof bindIdentity>[0],
  identity: { id: string; clientId: string; isBound: boolean },
): Instruction {
  const grant = grantIdentity(settings, identity.clientId)
  const commands = identity.isBound ? grant : inSequence(bindIdentity(settings, identity.id), grant)
  return instruction`Let the workload use an identity binding of AKS, which needs no credential of its own: run ${commands} and set the annotation azure.workload.identity/use-identity-binding: "true" on its pods`
}
