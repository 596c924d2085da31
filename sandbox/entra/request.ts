import type { Call } from '../http.ts'
import type { Simulator } from '../simulator.ts'

/** A request to the token service. `params.tenant` is a GUID, a domain name or an alias. */
export interface EntraRequest {
  call: Call
  simulator: Simulator
  params: Record<string, string>
}
