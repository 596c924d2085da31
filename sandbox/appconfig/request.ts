import type { Resource } from '../arm/state.ts'
import type { Call, Reply } from '../http.ts'
import type { Route } from '../router.ts'
import type { Simulator } from '../simulator.ts'

/** A request that passed the checks of the store. */
export interface StoreRequest {
  call: Call
  simulator: Simulator
  store: Resource
  params: Record<string, string>
}

export interface StoreRoute extends Route<StoreRequest> {
  handler: (request: StoreRequest) => Reply
  /** The data action that a role must grant, below `Microsoft.AppConfiguration/configurationStores/`. */
  action: string
}
