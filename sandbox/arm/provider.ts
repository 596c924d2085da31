import type { Simulator } from '../simulator.ts'
import type { ArmRoute } from './request.ts'
import type { Operation, Resource } from './state.ts'

/** A resource provider. `providers.ts` lists them all. */
export interface ResourceProvider {
  /** `Microsoft.KeyVault` */
  namespace: string
  /** Its resource types with their API versions, newest first. `global` types have no locations. */
  types: { name: string; versions: string[]; global?: true }[]
  /** The provider's own applications, and the roles that they hold in the subscription. */
  authorizations?: { applicationId: string; roleDefinitionId?: string }[]
  /** Part of Resource Manager, so it needs no registration. */
  alwaysRegistered?: true
  routes: ArmRoute[]
  /** Deletes one of its resources together with the resource group. */
  deleteResource?(simulator: Simulator, resource: Resource): void
  /** Its long-running operations by `Operation.kind`. */
  operations?: Record<string, OperationType>
}

/** One kind of long-running operation. */
export interface OperationType {
  /** Applies the effects of an operation that ended well. */
  finish(simulator: Simulator, operation: Operation): void
  /** Body of `operationresults` while it runs (default: none). */
  pendingBody?(operation: Operation): unknown
  /** Body of `operationresults` once it ended well (default: none, with 204). */
  resultBody?(operation: Operation, simulator: Simulator): unknown
}
