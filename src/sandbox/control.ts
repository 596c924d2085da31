import type { Cloud, Service } from './cloud.ts'
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
      requests: cloud.journal.length,
    },
  }
}

/** Loopback, or this machine calling itself at the address that the sandbox listens on. */
const isLocal = (cloud: Cloud, address: string) =>
  address === '::1' || address.startsWith('127.') || address === cloud.host

/** The sandbox's own window, for programs on this machine: pages in a browser are kept out. */
export const control: Service = (call, cloud) => {
  const refuse = (code: string, message: string, as: number) => ({
    status: as,
    body: { error: { code, message } },
  })
  if (call.headers.origin !== undefined || !isLocal(cloud, call.clientAddress))
    return refuse('Forbidden', 'The control address answers only programs on this machine.', 403)
  if (call.method !== 'GET')
    return refuse('MethodNotAllowed', 'The control address only tells, it changes nothing.', 405)
  const headers = { 'cache-control': 'no-store' }
  switch (call.path) {
    case '/journal':
      return { status: 200, headers, body: { value: cloud.journal } }
    case '/status':
      return { status: 200, headers, body: status(cloud) }
    default:
      return refuse('NotFound', `Nothing at ${call.path}: there are /status and /journal.`, 404)
  }
}
