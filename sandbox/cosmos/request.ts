import type { Resource } from '../arm/state.ts'
import type { Call, Reply } from '../http.ts'
import type { Route } from '../router.ts'
import type { Simulator } from '../simulator.ts'

/** A request of a caller whose role assignments allow it. */
export interface CosmosRequest {
  call: Call
  simulator: Simulator
  account: Resource
  params: { database?: string; container?: string; item?: string }
}

export interface CosmosRoute extends Route<CosmosRequest> {
  handler: (request: CosmosRequest) => Reply
  /**
   * The data action that a role must grant, below `Microsoft.DocumentDB/databaseAccounts/`; none for what no token
   * may do.
   */
  action: string | ((call: Call) => string) | undefined
}
