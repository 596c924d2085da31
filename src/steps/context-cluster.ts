import type { Connection } from '../clients/kubernetes.ts'
import { step } from '../engine/step.ts'
import { Refusal } from '../refusal.ts'
import type { Cluster } from './cluster.ts'

/** Any cluster reached by a kubeconfig. Nothing is changed in it here: its issuer must already be one that Entra can read. */
export const contextCluster = step<Cluster>()({
  id: 'cluster',
  title: 'cluster',
  command: 'cluster',
  uses: ['kubeconfig', 'context'],
  needs: {},
  label: (settings) => settings.context ?? settings.kubeconfig ?? '',
  async inspect({ settings, kubernetes, issuers }) {
    const connection: Connection = {
      kind: 'kubeconfig',
      path: settings.kubeconfig,
      context: settings.context,
    }
    const kube = kubernetes(connection)
    const [version, issuer] = await Promise.all([kube.version(), kube.issuer()])
    requireVersion(version)
    if (issuer === undefined)
      throw new Refusal(
        `${await kube.server()} does not tell its service account issuer`,
        'Allow the caller to read /.well-known/openid-configuration (ClusterRole system:service-account-issuer-discovery), and start the API server with an https --service-account-issuer',
      )
    await requirePublic(issuer, () => issuers.documents(issuer))
    return {
      state: 'ready',
      owned: false,
      out: {
        kind: 'other',
        name: settings.context ?? (await kube.server()),
        issuer,
        connection,
        addon: false,
      },
    }
  },
  async apply() {
    throw new Refusal(
      'A cluster given by --context or --kubeconfig is not created',
      'Give --cluster to create one in AKS',
    )
  },
})

function requireVersion(version: string): void {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? []
  if (Number(major) === 1 && Number(minor) < 20)
    throw new Refusal(
      `The cluster runs Kubernetes ${version}; workload identity needs 1.20 or newer`,
      'Upgrade the cluster',
    )
}

async function requirePublic(issuer: string, read: () => Promise<unknown>): Promise<void> {
  const ways =
    'Publish the issuer documents at a public https address and start the API server with --service-account-issuer set to it (first; keep the old one second); wi-setup then reads it from the cluster'
  if (!issuer.startsWith('https://') || /^https:\/\/[^/]*\.(svc|local)([./:]|$)/.test(issuer))
    throw new Refusal(`Entra cannot read the cluster's issuer ${issuer}`, ways)
  try {
    await read()
  } catch (error) {
    throw new Refusal(
      `Entra could not read the cluster's issuer ${issuer}: ${(error as Error).message}`,
      ways,
    )
  }
}
