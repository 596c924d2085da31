import { gatewayPage } from '../faults/failure-kinds.ts'
import type { Service } from '../service.ts'
import type { CiSystem } from './hosts.ts'
import { findRoute } from './routes.ts'
import { newCiState } from './state.ts'

const systems: readonly string[] = ['github', 'gitlab', 'terraform', 'oidc'] satisfies CiSystem[]

/** CI systems that sign the tokens of their jobs: `https://github.ci.localhost:PORT`, and others by name. */
export const ciService: Service = {
  name: 'ci',
  address: { label: 'ci', perResource: true },
  state: { key: 'ci', create: newCiState },
  handle(call, simulator) {
    const system = call.resource ?? ''
    if (!systems.includes(system)) return { status: 0 }
    const request = { call, simulator, system: system as CiSystem }
    const match = findRoute(request, call.method, call.path)
    if ('allowed' in match) return { status: match.allowed.length > 0 ? 405 : 404 }
    return match.route.handler({ ...request, params: match.params })
  },
  failure: (_call, _simulator, kind) =>
    gatewayPage(kind === 'busy' || kind === 'concurrent-write' ? 503 : Number(kind), 'Service unavailable'),
}
