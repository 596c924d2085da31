import type { FederatedCredentialObject } from '../graph/state.ts'
import type { SandboxState } from '../sandbox-state.ts'
import type { StateSeed } from '../service.ts'
import type { Role } from './authorization/role.ts'

/** An ARM resource. */
export interface Resource {
  /** The complete response: id, name, type, location, tags, properties … */
  body: Record<string, unknown> & {
    id: string
    name: string
    type: string
    properties: Record<string, unknown>
  }
  createdAt: number
  changedAt: number
  /** Only of user-assigned identities. */
  credentials?: FederatedCredentialObject[]
  /** Only of managed clusters. */
  identityBindings?: IdentityBinding[]
  /** Only of proxy resources: ID of the operation that creates it. Until the operation succeeds, it doesn't exist. */
  awaits?: string
}

/** Lets workloads of a cluster use a user-assigned identity. */
export interface IdentityBinding {
  name: string
  identityId: string
  /** ID of the operation that creates or deletes it. */
  operation?: string
}

/** A long-running operation. It ends by the simulator's clock, without a timer. */
export interface Operation {
  id: string
  /** The resource's lower-case ID. */
  resourceId: string
  /** Key of the provider's `operations`, or `deleteGroup`. */
  kind: string
  region: string
  startedAt: number
  endsAt: number
  /** Only of clusters: the Kubernetes version afterwards. */
  version?: string
  /** Only of clusters: the pool that is deleted. */
  removesPool?: string
  error?: { code: string; message: string }
  /** How an injected fault makes it end. `gone`: the service no longer knows the operation, which still finishes. */
  ending?: 'failed' | 'canceled' | 'gone'
  /** Set once its effects have been applied. */
  finished?: boolean
}

export interface RoleAssignment {
  id: string
  name: string
  scope: string
  roleDefinitionId: string
  principalId: string
  principalType: string
  createdAt: number
  /** A deleted assignment is stored until it loses its effect. */
  deletedAt?: number
  /** Members that only the response needs: createdBy, updatedAt, description, condition … */
  extra: Record<string, unknown>
}

export interface DeletedVault {
  vault: Resource
  deletedAt: number
  purgeAt: number
}

/** Its ID ends with the scope's provider path: `…/providers/Microsoft.Authorization/locks/NAME`. */
export interface Lock {
  id: string
  name: string
  type: string
  properties: { level: 'CanNotDelete' | 'ReadOnly'; notes?: string }
}

/** Denies actions to principals whatever their roles. Services create it, such as deployment stacks. */
export interface DenyAssignment {
  id: string
  name: string
  type: string
  properties: {
    denyAssignmentName: string
    description: string | null
    permissions: Role['permission'][]
    scope: string
    doNotApplyToChildScopes: boolean
    principals: { id: string; type: string }[]
    excludePrincipals: { id: string; type: string }[]
    isSystemProtected: boolean
  }
}

/** Assigns a policy to a scope. `DoNotEnforce` only records violations. */
export interface PolicyAssignment {
  id: string
  name: string
  type: string
  properties: {
    displayName: string
    policyDefinitionId: string
    scope: string
    parameters: Record<string, { value?: unknown } | undefined>
    enforcementMode: string
  }
}

/** Keys are lower-case resource IDs, except where noted. */
export interface ArmState {
  resources: Record<string, Resource>
  groups: Record<string, Resource>
  /** Resources within others that lists of all resources omit, such as databases and firewall rules. */
  proxyResources?: Record<string, Resource>
  deletedVaults: Record<string, DeletedVault>
  /** By operation ID. */
  operations: Record<string, Operation>
  roleAssignments: Record<string, RoleAssignment>
  /** By GUID. */
  customRoles?: Record<string, Role>
  locks?: Record<string, Lock>
  policyAssignments?: Record<string, PolicyAssignment>
  /** By GUID. */
  denyAssignments?: Record<string, DenyAssignment>
  /** Registered resource providers by lower-case namespace; those of other subscriptions by `<subscription>/<namespace>`. */
  providers: Record<string, { namespace: string; registeredAt: number }>
}

export function newArmState({ now, subscription, operator }: StateSeed): ArmState {
  return {
    resources: {},
    groups: {},
    deletedVaults: {},
    operations: {},
    roleAssignments: ownerAssignment({ subscription, operator }, now),
    providers: {},
  }
}

/** Returns the assignment by which the operator has owned the subscription since the day before. */
function ownerAssignment(
  { subscription, operator }: Pick<SandboxState, 'subscription' | 'operator'>,
  now: number,
): Record<string, RoleAssignment> {
  const name = crypto.randomUUID()
  const scope = `/subscriptions/${subscription.id}`
  const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`
  const assignment: RoleAssignment = {
    id,
    name,
    scope,
    roleDefinitionId: `${scope}/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635`,
    principalId: operator.objectId,
    principalType: 'ServicePrincipal',
    createdAt: now - 86_400_000,
    extra: { createdBy: operator.objectId },
  }
  return { [id.toLowerCase()]: assignment }
}

const otherNames = ['Contoso Platform', 'Contoso Identities', 'Contoso Secrets']

/** Adds subscriptions that the operator owns, until there are this many. */
export function addSubscriptions(state: SandboxState, count: number, now: number): void {
  const others = state.otherSubscriptions ?? []
  for (let index = others.length; index < count - 1; index += 1) {
    const displayName = otherNames[index] ?? `Contoso ${index + 2}`
    const subscription = { id: crypto.randomUUID(), displayName }
    others.push(subscription)
    Object.assign(state.arm.roleAssignments, ownerAssignment({ ...state, subscription }, now))
  }
  if (others.length) state.otherSubscriptions = others
}

declare module '../sandbox-state.ts' {
  interface SandboxState {
    arm: ArmState
  }
}
