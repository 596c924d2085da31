import type { Call, Reply } from '../http.ts'
import type { Route } from '../router.ts'
import type { Simulator } from '../simulator.ts'
import type { Registry } from './registries.ts'

/** A request that the registry's firewall has admitted. */
export interface RegistryRequest {
  call: Call
  simulator: Simulator
  registry: Registry
  params: Record<string, string>
}

export interface RegistryRoute extends Route<RegistryRequest> {
  handler: (request: RegistryRequest) => Reply | Promise<Reply>
  /** What the access token must allow; none for the requests that get one. `any`: any access token will do. */
  action?: 'pull' | 'metadata_read' | 'catalog' | 'any'
}
