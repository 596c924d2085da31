import type { JWK } from 'jose'
import type { Addresses } from './addresses.ts'
import type { Duration } from './durations.ts'
import type { Faults } from './faults/faults.ts'
import type { RealCluster } from './kube/real-cluster.ts'
import type { SandboxState } from './sandbox-state.ts'
import type { JournalEntry } from './server/journal.ts'

/** What a simulated service works with. */
export interface Simulator {
  readonly state: SandboxState
  readonly addresses: Addresses
  /** The address that the sandbox listens on. */
  readonly host: string
  /** The requests served since the start, oldest first. */
  readonly journal: readonly JournalEntry[]
  /** The certificate authority's PEM, for kubeconfigs and pods. */
  readonly caPem: string
  readonly caFile: string
  /** Folder for the files of pods. */
  readonly podsFolder: string
  /** The token of the control endpoint. */
  readonly controlToken: string
  /** The file that contains the token; undefined if the state ends with the process. */
  readonly controlTokenFile: string | undefined
  /** The real cluster behind every managed cluster; without one, each has its own simulated cluster. */
  readonly realCluster?: RealCluster
  /** Generates a private key that signs tokens. */
  readonly newRsaKey: () => Promise<JWK>
  readonly faults: Faults
  /** The simulator's clock, in ms since the epoch; every timestamp and lifetime check uses it. */
  now(): number
  /** Returns how long something takes (`durations.ts`) at the current pace, in ms. */
  durationOf(name: Duration): number
  /** True until `since` (ms) is further back than the duration: the change is not visible, or not in effect, yet. */
  isPending(since: number, name: Duration): boolean
  /**
   * Marks the state as changed by something other than a write request, such as an operation that ends during a
   * read or a pod that starts. Write requests need no call: the state is saved after each of them.
   */
  markChanged(): void
  /** Returns `blob.core.localhost:8443` for `blob.core`: what follows the resource's name in a host name. */
  hostSuffix(label: string): string
  /** Returns the audiences of all services. */
  audiences(): string[]
}
