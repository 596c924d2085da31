import type { Cloud, Service } from './cloud.ts'
import { readOrder } from './faults/fault.ts'
import type { Call, Reply } from './http.ts'
import { durations } from './pace.ts'

const size = (objects: object) => Object.keys(objects).length

/** What is in the world; no secret. */
function status(cloud: Cloud): Record<string, unknown> {
  const { world, addresses } = cloud
  return {
    addresses,
    caFile: cloud.caFile,
    tenantId: world.tenant.id,
    tenantDomain: world.tenant.domain,
    subscriptionId: world.subscription.id,
    clientId: world.operator.clientId,
    now: new Date(cloud.now()).toISOString(),
    pace: cloud.takes('request') / durations.request,
    counts: {
      resourceGroups: size(world.arm.groups),
      resources: size(world.arm.resources),
      roleAssignments: size(world.arm.roleAssignments),
      applications: size(world.directory.applications),
      servicePrincipals: size(world.directory.servicePrincipals),
      vaults: size(world.vaults),
      clusters: size(world.clusters),
      requests: cloud.journal.at(-1)?.n ?? 0,
    },
  }
}

/** True for what a page in a browser asks for; who types the address into a browser may read. */
const isOfPage = ({ headers }: Call) =>
  headers.origin !== undefined ||
  !['none', undefined].includes(headers['sec-fetch-site'] as string | undefined)

/** Loopback, or this machine calling itself at the address that the sandbox listens on. */
const isLocal = (cloud: Cloud, address: string) =>
  address === '::1' || address.startsWith('127.') || address === cloud.host

/** What shall go wrong: see `FaultOrder`. */
function faults({ method, json }: Call, { faults }: Cloud): Reply | undefined {
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
export const control: Service = (call, cloud) => {
  const refuse = (code: string, message: string, as: number) => ({
    status: as,
    body: { error: { code, message } },
  })
  if (isOfPage(call) || !isLocal(cloud, call.clientAddress))
    return refuse('Forbidden', 'The control address answers only programs on this machine.', 403)
  const headers = { 'cache-control': 'no-store' }
  if (call.path === '/faults')
    return (
      faults(call, cloud) ??
      refuse('MethodNotAllowed', 'Faults are asked for by POST, listed by GET, and forgotten by DELETE.', 405)
    )
  if (call.method !== 'GET') return refuse('MethodNotAllowed', 'Only /faults can be written to.', 405)
  switch (call.path) {
    case '/journal':
      return { status: 200, headers, body: { value: cloud.journal } }
    case '/status':
      return { status: 200, headers, body: status(cloud) }
    default:
      return refuse('NotFound', `Nothing at ${call.path}: there are /status, /journal and /faults.`, 404)
  }
}
