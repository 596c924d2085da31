import { randomUUID } from 'node:crypto'
import { mintAccessToken } from '../../sandbox/entra/access-tokens.ts'
import type { ServicePrincipalObject } from '../../sandbox/graph/state.ts'
import type { SandboxOptions, Simulator } from '../../sandbox/index.ts'
import { type Answer, operatorToken, request } from './request.ts'
import { newSandbox } from './sandbox.ts'

/** Creates a service principal without a role. Returns it with its token. */
async function newPrincipal(simulator: Simulator) {
  const principal: ServicePrincipalObject = {
    id: randomUUID(),
    appId: randomUUID(),
    type: 'Application',
    createdAt: simulator.now(),
    body: { displayName: 'new-principal' },
    directoryRights: [],
  }
  simulator.state.directory.servicePrincipals[principal.id] = principal
  const { token } = await mintAccessToken(simulator, {
    principal,
    audience: simulator.addresses.arm,
    proof: 'secret',
  })
  return { principal, token }
}

/** Starts a sandbox. Returns it with the operator's token for Resource Manager and functions that call it. */
export async function openArm(options: SandboxOptions = {}) {
  const sandbox = await newSandbox(options)
  const { simulator, state } = sandbox
  const token = await operatorToken(sandbox, simulator.addresses.arm)
  const subscription = `/subscriptions/${state.subscription.id}`

  /** Sends a request to a URL, or to a path below Resource Manager. Adds the api-version if it is missing. */
  const call = (
    method: string,
    path: string,
    json?: unknown,
    more: { token?: string; headers?: Record<string, string>; version?: string } = {},
  ): Promise<Answer> => {
    const url = path.startsWith('https:') ? path : `${simulator.addresses.arm}${path}`
    const version = `${url.includes('?') ? '&' : '?'}api-version=${more.version ?? '2026-04-01'}`
    return request(sandbox, url.includes('api-version') ? url : url + version, {
      method,
      token: more.token ?? token,
      ...(more.headers && { headers: more.headers }),
      ...(json !== undefined && { json }),
    })
  }

  /** Registers all providers and creates the group `rg` in eastus. */
  const prepare = async () => {
    for (const name of ['KeyVault', 'ManagedIdentity', 'ContainerService'])
      state.arm.providers[`microsoft.${name.toLowerCase()}`] = {
        namespace: `Microsoft.${name}`,
        registeredAt: 0,
      }
    await call('PUT', `${subscription}/resourceGroups/rg`, { location: 'eastus' })
  }

  const group = `${subscription}/resourceGroups/rg`
  return {
    sandbox,
    simulator,
    state,
    token,
    subscription,
    group,
    providers: `${group}/providers`,
    call,
    newPrincipal: () => newPrincipal(simulator),
    prepare,
  }
}

/** Returns a clock that is stopped until it is advanced. */
export function manualClock() {
  let at = Date.parse('2026-11-23T16:00:00Z')
  const advance = (ms: number) => {
    at += ms
  }
  return { clock: () => at, advance }
}
