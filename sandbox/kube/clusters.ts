import { randomBytes, randomUUID } from 'node:crypto'
import { stringify } from 'yaml'
import type { Cloud } from '../cloud.ts'
import { own } from '../own.ts'
import { addSigningKey, newSigningKeys } from './auth/signing-keys.ts'
import { bootstrapCluster } from './controllers/bootstrap.ts'
import { type NodePool, placeNodes } from './controllers/nodes.ts'
import { reconcile } from './controllers/reconcile.ts'
import { stopPods } from './pods/processes.ts'
import type { KubeCluster } from './state.ts'
import { installAddon, removeAddon } from './webhook/addon.ts'

const clusterAt = (cloud: Cloud, fqdn: string) => own(cloud.world.clusters, fqdn.toLowerCase())

const newIssuer = (cloud: Cloud, options: { region: string; tenantId: string }) =>
  `${cloud.addresses.issuers}/${options.region}/${options.tenantId}/${randomUUID()}/`

/** The one that a real cluster behind was started with, if it lies here and stands for no other cluster yet. */
async function realIssuer(cloud: Cloud): Promise<string | undefined> {
  const issuer = await cloud.realCluster?.issuer()
  const here = new RegExp(`^${cloud.addresses.issuers}/[^/]+/[^/]+/[^/]+/$`)
  if (!issuer || !here.test(issuer)) return undefined
  return Object.values(cloud.world.clusters).some((each) => each.issuer === issuer) ? undefined : issuer
}

/**
 * Makes the cluster behind a managed cluster: own signing keys, system namespaces, nodes, an admin. The issuer is
 * answered even before the cluster is ready. With `oidcIssuer: false` its tokens name the API server, which nobody
 * outside can ask.
 */
export async function createCluster(
  cloud: Cloud,
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
    issuer: oidcIssuer ? ((await realIssuer(cloud)) ?? newIssuer(cloud, options)) : `https://${fqdn}`,
    signingKeys: options.signingKeys ?? (await newSigningKeys(cloud)),
    adminToken: randomBytes(64).toString('hex'),
    version,
    region,
    tenantId,
    objects: {},
    resourceVersion: 1,
    createdAt: cloud.now(),
    pods: {},
  }
  bootstrapCluster(cloud, cluster)
  placeNodes(cloud, cluster, pools ?? [{ name: 'nodepool1', count: 1 }])
  cloud.world.clusters[fqdn.toLowerCase()] = cluster
  cloud.changed()
  return cluster
}

/** Removes the cluster, its pods and its issuer documents. */
export function deleteCluster(cloud: Cloud, fqdn: string): void {
  const cluster = clusterAt(cloud, fqdn)
  if (!cluster) return
  stopPods(cloud, Object.keys(cluster.pods))
  delete cloud.world.clusters[fqdn.toLowerCase()]
  cloud.changed()
}

/** Turns the public issuer on and returns it. It can't be turned off; new tokens carry it, older ones stay valid. */
export function enableIssuer(cloud: Cloud, fqdn: string): string {
  const cluster = clusterAt(cloud, fqdn)
  if (!cluster) throw new Error(`No cluster at ${fqdn}`)
  if (!cluster.issuer.startsWith(cloud.addresses.issuers)) {
    cluster.issuer = newIssuer(cloud, cluster)
    cloud.changed()
  }
  return cluster.issuer
}

/** A new key signs; the one before it stays valid for 24 h or until the next rotation. */
export async function rotateSigningKeys(cloud: Cloud, fqdn: string): Promise<void> {
  const cluster = clusterAt(cloud, fqdn)
  if (cluster) await addSigningKey(cloud, cluster)
}

/** Makes the cluster's nodes those of its pools. */
export function setNodePools(cloud: Cloud, fqdn: string, pools: NodePool[]): void {
  const cluster = clusterAt(cloud, fqdn)
  if (cluster) placeNodes(cloud, cluster, pools)
}

/** Turns the workload identity add-on on or off: the webhook of 1.6.0 in kube-system, managed by AKS. */
export function setWorkloadIdentityAddon(cloud: Cloud, fqdn: string, on: boolean): void {
  const cluster = clusterAt(cloud, fqdn)
  if (!cluster) return
  delete cluster.unpublished
  if (on) installAddon(cloud, cluster)
  else removeAddon(cloud, cluster)
  reconcile(cloud, cluster)
}

interface KubeconfigNames {
  context: string
  user: string
}

/** The admin's kubeconfig (YAML) with the names that AKS gives: context `{cluster}`, user `clusterUser_{group}_{cluster}`. */
export function kubeconfig(cloud: Cloud, fqdn: string, names: KubeconfigNames): string {
  const cluster = clusterAt(cloud, fqdn)
  if (!cluster) throw new Error(`No cluster at ${fqdn}`)
  return kubeconfigOf(cloud, [{ cluster, names }])
}

/** One kubeconfig for all clusters, as `az aks get-credentials` would have merged them; the newest is the current one. */
export const kubeconfigOfAll = (cloud: Cloud): string =>
  kubeconfigOf(
    cloud,
    Object.values(cloud.world.clusters).map((cluster) => {
      const [, group, name] = /resourcegroups\/([^/]+)\/.*\/([^/]+)$/i.exec(cluster.resourceId) ?? []
      return { cluster, names: { context: name ?? cluster.fqdn, user: `clusterUser_${group}_${name}` } }
    }),
  )

function kubeconfigOf(cloud: Cloud, options: { cluster: KubeCluster; names: KubeconfigNames }[]): string {
  const plain = ({ context }: KubeconfigNames) => context.replace(/-admin$/, '')
  const current = options.at(-1)?.names.context
  return stringify(
    {
      apiVersion: 'v1',
      clusters: options.map(({ cluster, names }) => ({
        cluster: cloud.realCluster?.cluster ?? {
          'certificate-authority-data': Buffer.from(cloud.caPem).toString('base64'),
          server: `${cloud.addresses.kube}/${cluster.fqdn}`,
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
        user: cloud.realCluster?.user ?? { token: cluster.adminToken },
      })),
    },
    { lineWidth: 0 },
  )
}
