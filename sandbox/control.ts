import { durations } from './durations.ts'
import { readOrder } from './faults/fault.ts'
import type { Call, Reply } from './http.ts'
import type { Service, Simulator } from './simulator.ts'

const size = (objects: object) => Object.keys(objects).length

/** What is in the world; no secret. */
function status(simulator: Simulator): Record<string, unknown> {
  const { state, addresses } = simulator
  return {
    addresses,
    caFile: simulator.caFile,
    tenantId: state.tenant.id,
    tenantDomain: state.tenant.domain,
    subscriptionId: state.subscription.id,
    clientId: state.operator.clientId,
    now: new Date(simulator.now()).toISOString(),
    pace: simulator.durationOf('request') / durations.request,
    counts: {
      resourceGroups: size(state.arm.groups),
      resources: size(state.arm.resources),
      roleAssignments: size(state.arm.roleAssignments),
      applications: size(state.directory.applications),
      servicePrincipals: size(state.directory.servicePrincipals),
      vaults: size(state.vaults),
      clusters: size(state.clusters),
      requests: simulator.journal.at(-1)?.n ?? 0,
    },
  }
}

/** True for what a page in a browser asks for; who types the address into a browser may read. */
const isOfPage = ({ headers }: Call) =>
  headers.origin !== undefined ||
  !['none', undefined].includes(headers['sec-fetch-site'] as string | undefined)

/** Loopback, or this machine calling itself at the address that the sandbox listens on. */
const isLocal = (simulator: Simulator, address: string) =>
  address === '::1' || address.startsWith('127.') || address === simulator.host

/** What shall go wrong: see `FaultOrder`. */
function faults({ method, json }: Call, { faults }: Simulator): Reply | undefined {
  if (method === 'DELETE') {
    faults.clear()
    return { status: 204 }
  }
  if (method === 'POST') {
    const order = readOrder(json())
    if (Array.isArray(order))
      return { status: 400, body: { error: { code: 'BadRequest', message: order.join('; ') } } }
    faults.order(order)
  } else if (method !== 'GET') return undefined
  const { rules, lags, skew } = faults
  return { status: 200, headers: { 'cache-control': 'no-store' }, body: { rules, lags, skew } }
}

/** The sandbox's own window, for programs on this machine: pages in a browser are kept out. */
export const control: Service = (call, simulator) => {
  const refuse = (code: string, message: string, as: number) => ({
    status: as,
    body: { error: { code, message } },
  })
  if (isOfPage(call) || !isLocal(simulator, call.clientAddress))
    return refuse('Forbidden', 'The control address answers only programs on this machine.', 403)
  const headers = { 'cache-control': 'no-store' }
  if (call.path === '/faults')
    return (
      faults(call, simulator) ??
      refuse('MethodNotAllowed', 'Faults are asked for by POST, listed by GET, and forgotten by DELETE.', 405)
    )
  if (call.method !== 'GET') return refuse('MethodNotAllowed', 'Only /faults can be written to.', 405)
  switch (call.path) {
    case '/journal':
      return { status: 200, headers, body: { value: simulator.journal } }
    case '/status':
      return { status: 200, headers, body: status(simulator) }
    default:
      return refuse('NotFound', `Nothing at ${call.path}: there are /status, /journal and /faults.`, 404)
  }
}
