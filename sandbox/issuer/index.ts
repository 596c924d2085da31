import type { Service } from '../service.ts'
import { blobNotFound, methodNotAllowed } from './errors.ts'
import { issuerFailure } from './failures.ts'
import { findRoute } from './routes.ts'

const handle: Service['handle'] = (call, simulator) => {
  const [region, tenant, id] = call.segments
  const issuer = `${simulator.addresses.issuers}/${region}/${tenant}/${id}/`
  const cluster = Object.values(simulator.state.clusters).find((each) => each.issuer === issuer)
  if (!cluster || cluster.unpublished) return blobNotFound
  if (call.method !== 'GET' && call.method !== 'HEAD') return methodNotAllowed
  const match = findRoute('GET', call.path)
  return 'route' in match ? match.route.handler({ simulator, cluster }) : blobNotFound
}

/** The host that publishes the OIDC documents of all clusters: `/{region}/{tenant}/{id}/…`. */
export const issuerService: Service = {
  name: 'issuer',
  address: { label: 'oic', basePath: '/oic' },
  handle,
  failure: issuerFailure,
}
