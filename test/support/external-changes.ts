import type { Sandbox } from '../../sandbox/index.ts'
import { type Answer, operatorToken, request } from './request.ts'

// What other people and programs change in Azure, with plain requests.

/** Returns the body of a response; throws for an error. */
const bodyOf = ({ status, body }: Answer) => {
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`)
  return body
}

/** Creates an application as the portal does: without a unique name and without our tag. */
export async function makeApplication(
  sandbox: Sandbox,
  displayName: string,
): Promise<{ id: string; appId: string }> {
  const { graph } = sandbox.simulator.addresses
  const token = await operatorToken(sandbox, graph)
  return bodyOf(
    await request(sandbox, `${graph}/v1.0/applications`, { method: 'POST', token, json: { displayName } }),
  )
}

/** Creates an AKS cluster without OIDC issuer and workload identity. */
export async function makeCluster(
  sandbox: Sandbox,
  group: string,
  name: string,
  options: { location: string; tags: Record<string, string> },
): Promise<void> {
  const { arm } = sandbox.simulator.addresses
  const url = `${arm}/subscriptions/${sandbox.state.subscription.id}/resourceGroups/${group}/providers/Microsoft.ContainerService/managedClusters/${name}?api-version=2026-04-01`
  const agentPoolProfiles = [
    { name: 'system', mode: 'System', count: 3, vmSize: 'Standard_D2s_v5', osType: 'Linux' },
  ]
  const properties = { dnsPrefix: name, kubernetesVersion: '1.33', agentPoolProfiles }
  bodyOf(
    await request(sandbox, url, {
      method: 'PUT',
      token: await operatorToken(sandbox, arm),
      json: {
        ...options,
        sku: { name: 'Base', tier: 'Free' },
        identity: { type: 'SystemAssigned' },
        properties,
      },
    }),
  )
}

/** Annotates a service account as `kubectl annotate --overwrite` does. */
export async function annotate(
  sandbox: Sandbox,
  namespace: string,
  name: string,
  annotations: Record<string, string>,
): Promise<void> {
  const [cluster] = Object.values(sandbox.state.clusters)
  const url = `${sandbox.simulator.addresses.kube}/${cluster!.fqdn}/api/v1/namespaces/${namespace}/serviceaccounts/${name}?fieldManager=kubectl-annotate`
  bodyOf(
    await request(sandbox, url, {
      method: 'PATCH',
      token: cluster!.adminToken,
      headers: { 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({ metadata: { annotations } }),
    }),
  )
}
