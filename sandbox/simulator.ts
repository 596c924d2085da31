import type { Addresses } from './addresses.ts'
import type { Duration } from './durations.ts'
import type { Faults } from './faults/faults.ts'
import type { Call, Reply } from './http.ts'
import type { JournalEntry } from './journal.ts'
import type { Keys } from './keys.ts'
import type { RealCluster } from './kube/real-cluster.ts'
import type { SandboxState } from './sandbox-state.ts'

/** What a simulated service gets to work with. */
export interface Simulator {
  readonly state: SandboxState
  readonly addresses: Addresses
  /** The address that the sandbox listens on. */
  readonly host: string
  /** The requests served since the start, oldest first. */
  readonly journal: readonly JournalEntry[]
  /** The certificate authority's PEM, for kubeconfigs and for pods. */
  readonly caPem: string
  readonly caFile: string
  /** The cluster outside that all managed clusters stand for; without one, each has a simulated one of its own. */
  readonly realCluster?: RealCluster
  /** Makes the keys that tokens are signed with. */
  readonly newRsaKey: Keys['newRsaKey']
  /** What goes wrong on request. */
  readonly faults: Faults
  /** The cloud's clock, in ms since the epoch; every time stamp and lifetime check uses it. */
  now(): number
  /** A duration of `pace.ts` times the pace factor, in ms. */
  durationOf(what: Duration): number
  /** Says that the world was changed; it is saved before the answer goes out. Call it also for changes that happen outside a request. */
  markChanged(): void
  /** True while ms since `at` (ms) are fewer than the lag: the thing is not seen, or has no effect, yet. */
  isPending(at: number, what: Duration): boolean
}

export type Service = (call: Call, simulator: Simulator) => Reply | Promise<Reply>
