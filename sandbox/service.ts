import type { JWK } from 'jose'
import type { FailureKind } from './faults/failure-kinds.ts'
import type { Call, Reply } from './http.ts'
import type { SandboxState } from './sandbox-state.ts'
import type { Simulator } from './simulator.ts'

/** One simulated service. `services.ts` lists them all. */
export interface Service {
  /** Name in fault rules (`role`). */
  readonly name: string
  readonly address: ServiceAddress
  /** Handles one request. */
  handle(call: Call, simulator: Simulator): Reply | Promise<Reply>
  /**
   * Returns the resources whose tokens the service accepts: URIs and application IDs. Entra issues tokens for them;
   * a trailing slash makes no difference.
   */
  audiences?(simulator: Simulator): string[]
  readonly state?: StatePart
  /** Applies what is due by now, such as ended operations. Runs before each request to any service. */
  advance?(simulator: Simulator): void
  /** Returns the service's own wording of an injected failure. */
  failure(call: Call, simulator: Simulator, kind: FailureKind): Reply
  /** Matches the paths that are read by POST: they count as reads in the journal, and save nothing. */
  readonly readOnlyPosts?: RegExp
}

/** Returns all labels of an address. */
export const labelsOf = ({ label, otherLabels = [] }: ServiceAddress): string[] => [label, ...otherLabels]

/** How the sandbox recognises the requests of a service. */
export interface ServiceAddress {
  /** Host label: with `--domain sandbox.test`, `graph` is served at `graph.sandbox.test`. */
  label: string
  /** Other labels that the service has host names below, if it has one per resource. */
  otherLabels?: readonly string[]
  /** One host name per resource, also on localhost: `https://<resource>.vault.localhost:PORT`. */
  perResource?: true
  /** Base path on localhost; removed from `Call.path`. */
  basePath?: string
  /** Paths on localhost that belong to the service without its base path. */
  ownPaths?: RegExp
  /** The host name under `--domain` also serves the other services by path. */
  servesOtherPaths?: true
}

/** The part of the state that a service declares in its `state.ts`, and its initial value. */
export type StatePart = {
  [K in keyof SandboxState]: {
    key: K
    /** Called for a new sandbox, and for a saved state that lacks the part. */
    create(seed: StateSeed): SandboxState[K] | Promise<SandboxState[K]>
  }
}[keyof SandboxState]

/** Input for a new state. */
export interface StateSeed {
  /** ms since the epoch. */
  now: number
  tenant: SandboxState['tenant']
  subscription: SandboxState['subscription']
  operator: SandboxState['operator']
  newRsaKey: () => Promise<JWK>
}
