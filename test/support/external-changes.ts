import type { Sandbox } from '../../sandbox/index.ts'
import { type Answer, operatorToken, request } from './request.ts'

// What other people and programs do to the world, by plain requests.

const must = ({ status, body }: Answer) => {
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`)
  return body
}

/** An application that somebody made in the portal: a display name, no unique name, no mark. */
export async function makeApplication(
  sandbox: Sandbox,
  displayName: string,
): Promise<{ id: string; appId: string }> {
  const { graph } = sandbox.simulator.addresses
  const token = await operatorToken(sandbox, graph)
  return must(
    await request(sandbox, `${graph}/v1.0/applications`, { method: 'POST', token, json: { displayName } }),
  )
}

/** An AKS cluster of before 1.34: no issuer, no workload identity. */
export async function makeCluster(
  sandbox: Sandbox,
  group: string,
  name: string,
  of: { location: string; tags: Record<string, string> },
): Promise<void> {
  const { arm } = sandbox.simulator.addresses
  const url = `${arm}/subscriptions/${sandbox.state.subscription.id}/resourceGroups/${group}/providers/Microsoft.ContainerService/managedClusters/${name}?api-version=2026-04-01`
  const agentPoolProfiles = [
    { name: 'system', mode: 'System', count: 3, vmSize: 'Standard_D2s_v5', osType: 'Linux' },
  ]
  const properties = { dnsPrefix: name, kubernetesVersion: '1.33', agentPoolProfiles }
  must(
    await request(sandbox, url, {
      method: 'PUT',
      token: await operatorToken(sandbox, arm),
      json: { ...of, sku: { name: 'Base', tier: 'Free' }, identity: { type: 'SystemAssigned' }, properties },
    }),
  )
}

/** Writes annotations as `kubectl annotate --overwrite` does. */
export async function annotate(
  sandbox: Sandbox,
  namespace: string,
  name: string,
  annotations: Record<string, string>,
): Promise<void> {
  const [cluster] = Object.values(sandbox.state.clusters)
  const url = `${sandbox.simulator.addresses.kube}/${cluster!.fqdn}/api/v1/namespaces/${namespace}/serviceaccounts/${name}?fieldManager=kubectl-annotate`
  must(
    await request(sandbox, url, {
      method: 'PATCH',
      token: cluster!.adminToken,
      headers: { 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({ metadata: { annotations } }),
    }),
  )
}
