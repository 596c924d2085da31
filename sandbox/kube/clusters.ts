import { randomBytes, randomUUID } from 'node:crypto'
import { stringify } from 'yaml'
import { ownProperty } from '../own-property.ts'
import type { Simulator } from '../simulator.ts'
import { addSigningKey, newSigningKeys } from './auth/signing-keys.ts'
import { bootstrapCluster, createIfAbsent } from './controllers/bootstrap.ts'
import { type NodePool, placeNodes } from './controllers/nodes.ts'
import { reconcile } from './controllers/reconcile.ts'
import { resourceForKind } from './objects/resources.ts'
import { eraseObject, getObject } from './objects/store.ts'
import { stopPods } from './pods/processes.ts'
import type { KubeCluster } from './state.ts'
import { installAddon, removeAddon } from './webhook/addon.ts'

const clusterAt = (simulator: Simulator, fqdn: string) =>
  ownProperty(simulator.state.clusters, fqdn.toLowerCase())

const newIssuer = (simulator: Simulator, options: { region: string; tenantId: string }) =>
  `${simulator.addresses.issuers}/${options.region}/${options.tenantId}/${randomUUID()}/`

/** Returns the real cluster's issuer if it is on this sandbox and no other cluster has it. */
async function realIssuer(simulator: Simulator): Promise<string | undefined> {
  const issuer = await simulator.realCluster?.issuer()
  const here = new RegExp(`^${simulator.addresses.issuers}/[^/]+/[^/]+/[^/]+/$`)
  if (!issuer || !here.test(issuer)) return undefined
  return Object.values(simulator.state.clusters).some((each) => each.issuer === issuer) ? undefined : issuer
}

/**
 * Creates the cluster of a managed cluster: signing keys, system namespaces, nodes and an admin. Its issuer is published
 * before the managed cluster is ready. With `oidcIssuer: false` the issuer is the API server, which is not public.
 */
export async function createCluster(
  simulator: Simulator,
  options: {
    fqdn: string
    resourceId: string
    region: string
    tenantId: string
    version: string
    oidcIssuer?: boolean
    pools?: NodePool[]
    signingKeys?: KubeCluster['signingKeys']
  },
): Promise<KubeCluster> {
  const { fqdn, resourceId, region, tenantId, version, oidcIssuer = true, pools } = options
  const cluster: KubeCluster = {
    fqdn,
    resourceId,
    issuer: oidcIssuer ? ((await realIssuer(simulator)) ?? newIssuer(simulator, options)) : `https://${fqdn}`,
    signingKeys: options.signingKeys ?? (await newSigningKeys(simulator)),
    adminToken: randomBytes(64).toString('hex'),
    version,
    region,
    tenantId,
    objects: {},
    resourceVersion: 1,
    createdAt: simulator.now(),
    pods: {},
  }
  bootstrapCluster(simulator, cluster)
  placeNodes(simulator, cluster, pools ?? [{ name: 'nodepool1', count: 1 }])
  simulator.state.clusters[fqdn.toLowerCase()] = cluster
  return cluster
}

/** Deletes a cluster, its pods and its issuer documents. */
export function deleteCluster(simulator: Simulator, fqdn: string): void {
  const cluster = clusterAt(simulator, fqdn)
  if (!cluster) return
  stopPods(simulator, Object.keys(cluster.pods))
  delete simulator.state.clusters[fqdn.toLowerCase()]
}

/** Enables the public issuer and returns it. It can't be disabled. Older tokens stay valid. */
export function enableIssuer(simulator: Simulator, fqdn: string): string {
  const cluster = clusterAt(simulator, fqdn)
  if (!cluster) throw new Error(`No cluster at ${fqdn}`)
  if (!cluster.issuer.startsWith(simulator.addresses.issuers)) {
    cluster.issuer = newIssuer(simulator, cluster)
  }
  return cluster.issuer
}

/** Rotates the signing keys: the previous key stays valid for 24 hours or until the next rotation. */
export async function rotateSigningKeys(simulator: Simulator, fqdn: string): Promise<void> {
  const cluster = clusterAt(simulator, fqdn)
  if (cluster) await addSigningKey(simulator, cluster)
}

/** Creates and deletes nodes to match the node pools. */
export function setNodePools(simulator: Simulator, fqdn: string, pools: NodePool[]): void {
  const cluster = clusterAt(simulator, fqdn)
  if (cluster) placeNodes(simulator, cluster, pools)
}

/** Installs or removes the workload identity add-on: webhook 1.6.0 in kube-system, managed by AKS. */
export function setWorkloadIdentityAddon(simulator: Simulator, fqdn: string, on: boolean): void {
  const cluster = clusterAt(simulator, fqdn)
  if (!cluster) return
  delete cluster.unpublished
  if (on) installAddon(simulator, cluster)
  else removeAddon(simulator, cluster)
  reconcile(simulator, cluster)
}

const adminBinding = 'aks-cluster-admin-binding-aad'

/** Makes the members of these Entra groups cluster administrators, and nobody else's. */
export function setAdminGroups(simulator: Simulator, fqdn: string, groups: readonly string[]): void {
  const cluster = clusterAt(simulator, fqdn)
  if (!cluster) return
  const resource = resourceForKind('ClusterRoleBinding')
  const current = getObject(cluster, resource, '', adminBinding)
  if (current) eraseObject(simulator, cluster, resource, current)
  if (groups.length === 0) return
  const apiGroup = 'rbac.authorization.k8s.io'
  createIfAbsent(
    simulator,
    cluster,
    'ClusterRoleBinding',
    { name: adminBinding },
    {
      roleRef: { apiGroup, kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: groups.map((name) => ({ apiGroup, kind: 'Group', name })),
    },
  )
}

interface KubeconfigNames {
  context: string
  user: string
}

/** Returns the admin's kubeconfig (YAML). AKS names the context `{cluster}` and the user `clusterUser_{group}_{cluster}`. */
export function kubeconfig(simulator: Simulator, fqdn: string, names: KubeconfigNames): string {
  const cluster = clusterAt(simulator, fqdn)
  if (!cluster) throw new Error(`No cluster at ${fqdn}`)
  return kubeconfigOf(simulator, [{ cluster, names }])
}

/** Returns a kubeconfig of all clusters, as `az aks get-credentials` merges them. The newest cluster is current. */
export const kubeconfigOfAll = (simulator: Simulator): string =>
  kubeconfigOf(
    simulator,
    Object.values(simulator.state.clusters).map((cluster) => {
      const [, group, name] = /resourcegroups\/([^/]+)\/.*\/([^/]+)$/i.exec(cluster.resourceId) ?? []
      return { cluster, names: { context: name ?? cluster.fqdn, user: `clusterUser_${group}_${name}` } }
    }),
  )

function kubeconfigOf(
  simulator: Simulator,
  options: { cluster: KubeCluster; names: KubeconfigNames }[],
): string {
  const plain = ({ context }: KubeconfigNames) => context.replace(/-admin$/, '')
  const current = options.at(-1)?.names.context
  return stringify(
    {
      apiVersion: 'v1',
      clusters: options.map(({ cluster, names }) => ({
        cluster: simulator.realCluster?.cluster ?? {
          'certificate-authority-data': Buffer.from(simulator.caPem).toString('base64'),
          server: `${simulator.addresses.kube}/${cluster.fqdn}`,
        },
        name: plain(names),
      })),
      contexts: options.map(({ names }) => ({
        context: { cluster: plain(names), user: names.user },
        name: names.context,
      })),
      ...(current === undefined ? {} : { 'current-context': current }),
      kind: 'Config',
      preferences: {},
      users: options.map(({ cluster, names }) => ({
        name: names.user,
        user: simulator.realCluster?.user ?? { token: cluster.adminToken },
      })),
    },
    { lineWidth: 0 },
  )
}
