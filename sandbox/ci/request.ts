import type { Call } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import type { CiSystem } from './hosts.ts'

export interface CiRequest {
  call: Call
  simulator: Simulator
  system: CiSystem
  params: Record<string, string>
}
