import { parse } from 'yaml'
import { createCluster, kubeconfig, type Sandbox } from '../../sandbox/index.ts'
import { type Answer, request } from './request.ts'

export const fqdn = 'wi-c1-abcd1234.hcp.westus2.azmk8s.io'

/** Creates a cluster in the sandbox's state, and returns ways to call its API server with the kubeconfig's token. */
export async function openKube(sandbox: Sandbox) {
  const { id } = sandbox.state.subscription
  const made =
    sandbox.state.clusters[fqdn] ??
    (await createCluster(sandbox.simulator, {
      fqdn,
      resourceId: `/subscriptions/${id}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/c1`,
      region: 'westus2',
      tenantId: sandbox.state.tenant.id,
      version: '1.34.2',
    }))
  const config = parse(kubeconfig(sandbox.simulator, fqdn, { context: 'c1', user: 'clusterUser_rg_c1' }))
  const { server } = config.clusters[0].cluster
  const { token } = config.users[0].user
  const call = (
    method: string,
    path: string,
    json?: unknown,
    options: { token?: string; type?: string } = {},
  ): Promise<Answer> =>
    request(sandbox, `${server}${path}`, {
      method,
      token: options.token ?? token,
      ...(json === undefined ? {} : { json }),
      ...(options.type ? { headers: { 'content-type': options.type } } : {}),
    })
  const apply = (path: string, object: unknown, query = 'fieldManager=wi-setup') =>
    call('PATCH', `${path}?${query}`, object, { type: 'application/apply-patch+yaml' })
  return { made, config, call, apply }
}
