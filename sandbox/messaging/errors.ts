import type { Simulator } from '../simulator.ts'
import type { Namespace } from './namespaces.ts'

/** Why a link is refused, or a request on it. */
export interface Refusal {
  condition: string
  description: string
}

export type Claim = 'Send' | 'Listen'

/** Returns the address of an entity as messages give it. */
export const entityUri = ({ host }: Namespace, path: string) =>
  `sb://${host}/${path.toLowerCase().replace(/^\/+/, '')}`

/** Returns what the messages end with. */
function tracking(simulator: Simulator, namespace: Namespace, path: string): string {
  const time = new Date(simulator.now()).toISOString().slice(0, 19)
  const tracker = path === '' ? namespace.host : `${namespace.name}:${path}`
  return `TrackingId:${crypto.randomUUID()}_G1, SystemTracker:${tracker}, Timestamp:${time}`
}

export const claimRequired = (
  simulator: Simulator,
  namespace: Namespace,
  path: string,
  claim: Claim,
): Refusal => ({
  condition: 'amqp:unauthorized-access',
  description: `Unauthorized access. '${claim}' claim(s) are required to perform this operation. Resource: '${entityUri(namespace, path)}'. ${tracking(simulator, namespace, path)}`,
})

export const entityNotFound = (simulator: Simulator, namespace: Namespace, path: string): Refusal => ({
  condition: 'amqp:not-found',
  description: `The messaging entity '${entityUri(namespace, path)}' could not be found. To know more visit https://aka.ms/sbResourceMgrExceptions.  ${tracking(simulator, namespace, path)}`,
})

export const addressBlocked = (simulator: Simulator, namespace: Namespace): Refusal => ({
  condition: 'amqp:unauthorized-access',
  description: `Ip has been prevented to connect to the endpoint. For more information see: Virtual Network service endpoints for Event Hubs: https://go.microsoft.com/fwlink/?linkid=2044192 and IP Filters: https://go.microsoft.com/fwlink/?linkid=2044183. ${tracking(simulator, namespace, '')}`,
})

export const badToken = (simulator: Simulator, namespace: Namespace, problem: string): Refusal => ({
  condition: 'amqp:unauthorized-access',
  description: `${problem} ${tracking(simulator, namespace, '')}`,
})

export const notAllowed = (
  simulator: Simulator,
  namespace: Namespace,
  path: string,
  reason: string,
): Refusal => ({
  condition: 'amqp:not-allowed',
  description: `${reason} ${tracking(simulator, namespace, path)}`,
})
