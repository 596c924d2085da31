import { newDenyAssignment } from '../arm/authorization/new-deny-assignment.ts'
import { durations } from '../durations.ts'
import { parseFaultSettings } from '../faults/fault-rules.ts'
import type { Call, Reply } from '../http.ts'
import { services } from '../services.ts'
import type { Simulator } from '../simulator.ts'
import { carriesToken } from './control-token.ts'

/** The address of the control endpoint, which is not an Azure service. */
export const controlAddress = { label: 'control', basePath: '/control' }

const count = (objects: object) => Object.keys(objects).length

/** What the sandbox contains, without secrets. */
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
      resourceGroups: count(state.arm.groups),
      resources: count(state.arm.resources),
      roleAssignments: count(state.arm.roleAssignments),
      applications: count(state.directory.applications),
      servicePrincipals: count(state.directory.servicePrincipals),
      vaults: count(state.vaults),
      clusters: count(state.clusters),
      requests: simulator.journal.at(-1)?.n ?? 0,
    },
  }
}

/** True for requests from web pages; an address typed into a browser is allowed. */
const isFromPage = ({ headers }: Call) =>
  headers.origin !== undefined ||
  !['none', undefined].includes(headers['sec-fetch-site'] as string | undefined)

/** Asks for the token: every user of this machine can connect. */
function unauthorized({ controlTokenFile }: Simulator): Reply {
  const where = controlTokenFile === undefined ? '' : ` in the file ${controlTokenFile}`
  const message = `The control endpoint asks for the token${where}: send it as "Authorization: Bearer <token>".`
  return { ...error(401, 'Unauthorized', message), headers: { 'www-authenticate': 'Bearer' } }
}

/** True for loopback, and for this machine at the address that the sandbox listens on. */
const isLocal = (simulator: Simulator, address: string) =>
  address === '::1' || address.startsWith('127.') || address === simulator.host

const error = (status: number, code: string, message: string): Reply => ({
  status,
  body: { error: { code, message } },
})

const ok = (body: unknown): Reply => ({ status: 200, headers: { 'cache-control': 'no-store' }, body })

function handleFaults({ method, json }: Call, { faults }: Simulator): Reply {
  switch (method) {
    case 'DELETE':
      faults.clear()
      return { status: 204 }
    case 'POST': {
      const settings = parseFaultSettings(
        json(),
        services.map(({ name }) => name),
      )
      if (Array.isArray(settings)) return error(400, 'BadRequest', settings.join('; '))
      faults.apply(settings)
      break
    }
    case 'GET':
      break
    default:
      return error(
        405,
        'MethodNotAllowed',
        'Add faults with POST, list them with GET, clear them with DELETE.',
      )
  }
  const { rules, lags, skew } = faults
  return ok({ rules, lags, skew })
}

function handleDenyAssignments({ method, json }: Call, simulator: Simulator): Reply {
  const { arm } = simulator.state
  switch (method) {
    case 'DELETE':
      arm.denyAssignments = {}
      simulator.markChanged()
      return { status: 204 }
    case 'POST': {
      const created = newDenyAssignment(simulator, json())
      return typeof created === 'string' ? error(400, 'BadRequest', created) : { status: 201, body: created }
    }
    case 'GET':
      return ok({ value: Object.values(arm.denyAssignments ?? {}) })
    default:
      return error(405, 'MethodNotAllowed', 'Create with POST, list with GET, delete all with DELETE.')
  }
}

/** Serves `/status`, `/journal`, `/faults` and `/deny-assignments` to programs on this machine that know the token. */
export function handleControl(call: Call, simulator: Simulator): Reply {
  if (isFromPage(call) || !isLocal(simulator, call.clientAddress))
    return error(403, 'Forbidden', 'The control endpoint serves only programs on this machine.')
  const { authorization } = call.headers
  if (!carriesToken(authorization as string | undefined, simulator.controlToken))
    return unauthorized(simulator)
  if (call.path === '/faults') return handleFaults(call, simulator)
  if (call.path === '/deny-assignments') return handleDenyAssignments(call, simulator)
  if (call.method !== 'GET')
    return error(405, 'MethodNotAllowed', 'Only /faults and /deny-assignments accept writes.')
  switch (call.path) {
    case '/journal':
      return ok({ value: simulator.journal })
    case '/status':
      return ok(status(simulator))
    default:
      return error(
        404,
        'NotFound',
        `Nothing at ${call.path}: use /status, /journal, /faults or /deny-assignments.`,
      )
  }
}
