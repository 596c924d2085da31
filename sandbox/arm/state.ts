import type { FederatedCredentialObject } from '../graph/state.ts'
import type { StateSeed } from '../service.ts'

/** An ARM resource as it is answered, with what the service keeps beside it. */
export interface Resource {
  /** The whole answer: id, name, type, location, tags, properties … */
  body: Record<string, unknown> & {
    id: string
    name: string
    type: string
    properties: Record<string, unknown>
  }
  createdAt: number
  changedAt: number
  /** Only user-assigned identities. */
  credentials?: FederatedCredentialObject[]
}

/** A long-running operation: it ends by the clock, not by a timer. */
export interface Operation {
  id: string
  /** The resource's lower-case id. */
  resourceId: string
  /** Key of the provider's `operations`, or `deleteGroup`. */
  kind: string
  region: string
  startedAt: number
  endsAt: number
  /** Only clusters: the Kubernetes version that they have at its end. */
  version?: string
  /** Only clusters: the pool that is gone at its end. */
  removesPool?: string
  error?: { code: string; message: string }
  /** Ends otherwise than it should: `gone` is one that the service has forgotten, though it goes on. */
  ending?: 'failed' | 'canceled' | 'gone'
  /** Set once the effects of its end have been applied to the world. */
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
  /** Deleted ones stay while they still take effect. */
  deletedAt?: number
  /** The members that only the answer needs: createdBy, updatedOn, description, condition … */
  extra: Record<string, unknown>
}

export interface DeletedVault {
  vault: Resource
  deletedAt: number
  purgeAt: number
}

/** Keys are lower-case ARM ids. */
export interface ArmState {
  resources: Record<string, Resource>
  groups: Record<string, Resource>
  deletedVaults: Record<string, DeletedVault>
  /** By operation id. */
  operations: Record<string, Operation>
  roleAssignments: Record<string, RoleAssignment>
  /** Resource providers that someone registered, by lower-case namespace. */
  providers: Record<string, { namespace: string; registeredAt: number }>
}

export function newArmState({ now, subscription, operator }: StateSeed): ArmState {
  const longAgo = now - 86_400_000
  const name = crypto.randomUUID()
  const scope = `/subscriptions/${subscription.id}`
  const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`
  return {
    resources: {},
    groups: {},
    deletedVaults: {},
    operations: {},
    roleAssignments: {
      [id.toLowerCase()]: {
        id,
        name,
        scope,
        roleDefinitionId: `${scope}/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635`,
        principalId: operator.objectId,
        principalType: 'ServicePrincipal',
        createdAt: longAgo,
        extra: { createdBy: operator.objectId },
      },
    },
    providers: {},
  }
}

declare module '../sandbox-state.ts' {
  interface SandboxState {
    arm: ArmState
  }
}
