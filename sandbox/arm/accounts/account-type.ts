import type { Simulator } from '../../simulator.ts'
import type { ArmRequest } from '../request.ts'
import type { Shape } from '../request-body.ts'
import type { Resource } from '../state.ts'

/** The body of a write: what all types have, and the members that differ. */
export interface AccountBody {
  location?: string
  tags?: Record<string, string>
  sku?: { name?: string }
  kind?: string
  identity?: unknown
  properties?: Record<string, unknown>
}

/** What a provider decides about a resource: everything but its ID, name, type, location and tags. */
export type AccountMembers = Omit<AccountBody, 'location' | 'tags'> & { properties: Record<string, unknown> }

/** A type of top-level resource with a host name of its own, such as a registry or a database server. */
export interface AccountType {
  /** `Microsoft.ContainerRegistry/registries` */
  type: string
  /** Expected types of `properties`, and of `sku`, `kind` and `identity`. */
  shape: { [name: string]: Shape }
  /** Throws if a new resource can't have the name. */
  requireName(request: ArmRequest, name: string): void
  /** Returns the members after a write, completed with the service's defaults. `createdAt` in ms. Throws 400. */
  members(
    request: ArmRequest,
    input: AccountBody,
    current: Resource | undefined,
    createdAt: number,
  ): AccountMembers
  /** Status of the reply to a creation, which goes on after it. */
  createdStatus: 200 | 201 | 202
  /** Last part but one of the URL that tells the state of an operation. */
  operations: 'operations' | 'operationsStatus' | 'operationStatuses' | 'azureAsyncOperation'
  /** Returns what a response of the API version shows of the body (default: all of it). */
  view?(body: Resource['body'], version: string): unknown
  /** Deletes what the service stores outside Resource Manager. */
  onDelete?(simulator: Simulator, resource: Resource): void
}
