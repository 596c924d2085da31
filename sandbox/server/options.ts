import type { Call, Reply } from '../http.ts'
import type { SandboxKeys } from './keys.ts'

export interface SandboxOptions {
  /** Folder that stores the state; without one, the state ends with the process. */
  stateDir?: string
  /** Address to listen on (default: 127.0.0.1). */
  host?: string
  /** Serves each service at a host name below this domain instead of by path on localhost. */
  domain?: string
  /** Kubeconfig of a real cluster, to use for every managed cluster. */
  kubeconfig?: string
  /** Registers the resource providers of this simulator, as in a subscription that has been used. */
  registered?: boolean
  /** How many subscriptions the tenant has at least (default: 1). */
  subscriptions?: number
  /** Port (default: the saved state's, or a free one). */
  port?: number
  /** How long a client may take (ms) for its handshake and its headers; a body may take six times as long. */
  patience?: number
  /** 0 = no delays … 1 = as slow as Azure (default: 0). */
  pace?: number
  /** The simulator's clock in ms (default: the real time). */
  clock?: () => number
  /** Keys to use instead of generating them. */
  keys?: SandboxKeys
  /** Wraps the serving of each request; may skip it, change its reply, or cut the connection. */
  intercept?: (call: Call, serve: () => Promise<Reply>) => Promise<Reply | 'cut'>
}
