import { ActionRequiredError } from '../base/action-required.ts'
import type { IssuerDocuments } from '../clients/issuers.ts'
import type { Connection } from '../clients/kubernetes.ts'
import { notManaged, retained, step } from '../engine/step.ts'
import type { Cluster } from './cluster.ts'
import { unreachable } from './unreachable.ts'

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
    const [version, issuer, keyIds] = await Promise.all([kube.version(), kube.issuer(), kube.keyIds()])
    requireVersion(version)
    if (issuer === undefined)
      throw new ActionRequiredError(
        `${await kube.server()} does not tell its service account issuer`,
        'Allow the caller to read /.well-known/openid-configuration (ClusterRole system:service-account-issuer-discovery), and start the API server with an https --service-account-issuer',
      )
    await requirePublic(issuer, keyIds, () => issuers.documents(issuer))
    return {
      state: 'ready',
      owned: false,
      out: {
        kind: 'other',
        name: settings.context ?? (await kube.server()),
        issuer,
        connection,
        webhookAddon: false,
      },
    }
  },
  cascades: true,
  async removability(ctx) {
    const { settings, kubernetes } = ctx
    const connection: Connection = {
      kind: 'kubeconfig',
      path: settings.kubeconfig,
      context: settings.context,
    }
    const kube = kubernetes(connection)
    const name = settings.context ?? settings.kubeconfig ?? ''
    try {
      await kube.version()
      const issuer = await kube.issuer()
      const out = { kind: 'other' as const, name, connection, webhookAddon: false }
      return retained({ ...out, ...(issuer === undefined ? {} : { issuer }) }, notManaged)
    } catch (error) {
      return unreachable(
        ctx,
        { kind: 'other' as const, name },
        {
          what: `The cluster ${name} does not answer: ${(error as Error).message}`,
          remedy: 'Make it answer (kubectl get namespaces)',
        },
      )
    }
  },
  async apply() {
    throw new ActionRequiredError(
      'A cluster given by --context or --kubeconfig is not created',
      'Give --cluster to create one in AKS',
    )
  },
})

function requireVersion(version: string): void {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? []
  if (Number(major) === 1 && Number(minor) < 20)
    throw new ActionRequiredError(
      `The cluster runs Kubernetes ${version}; workload identity needs 1.20 or newer`,
      'Upgrade the cluster',
    )
}

/** Addresses that lie in somebody's own network. */
const privateAddress =
  /^https:\/\/([^/]*\.(svc|local)|10\.[\d.]+|192\.168\.[\d.]+|172\.(1[6-9]|2\d|3[01])\.[\d.]+|\[f[cd][^\]]*\])([./:]|$)/

async function requirePublic(
  issuer: string,
  keyIds: string[] | undefined,
  read: () => Promise<IssuerDocuments>,
): Promise<void> {
  const ways =
    'Publish the issuer documents at a public https address and start the API server with --service-account-issuer set to it (first; keep the old one second); wi-setup then reads it from the cluster'
  if (!issuer.startsWith('https://') || privateAddress.test(issuer))
    throw new ActionRequiredError(`Entra cannot read the cluster's issuer ${issuer}`, ways)
  const documents = await read().catch((error) => {
    throw new ActionRequiredError(
      `Entra could not read the cluster's issuer ${issuer}: ${(error as Error).message}`,
      ways,
      // What cannot be reached is refused at once.
      ['HttpStatus', 'NotJson'].includes(error.code) ? error : undefined,
    )
  })
  if (documents.issuer !== issuer)
    throw new ActionRequiredError(
      `The document published at the cluster's issuer ${issuer} names another one: ${documents.issuer}`,
      ways,
    )
  const published = documents.keys.map(({ kid }) => kid)
  if (keyIds && !keyIds.some((kid) => published.includes(kid)))
    throw new ActionRequiredError(
      `The keys published at the cluster's issuer ${issuer} are not the cluster's`,
      'kubectl get --raw /openid/v1/jwks   is what has to be published there',
    )
}
