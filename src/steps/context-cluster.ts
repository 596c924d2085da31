import { ActionRequiredError } from '../base/action-required.ts'
import { instruction, kubectl, option, type Remedy, wiSetup } from '../base/command.ts'
import type { IssuerDocuments } from '../clients/issuers.ts'
import type { Connection } from '../clients/kubernetes.ts'
import { notManaged, retained, step } from '../engine/step.ts'
import { distributionOf, distributionOfIssuer } from '../issuers/distributions.ts'
import { isPrivateIssuer } from '../issuers/private-issuer.ts'
import { publishRemedy } from '../issuers/publish-remedy.ts'
import type { Cluster } from './cluster.ts'
import { readFailure, unreachable } from './unreachable.ts'

/** An existing cluster reached through a kubeconfig. Its issuer must be one that Microsoft Entra can read. */
export const contextCluster = step<Cluster>()({
  id: 'cluster',
  title: 'cluster',
  command: 'cluster',
  uses: ['kubeconfig', 'context'],
  needs: {},
  label: (settings) => settings.context ?? settings.kubeconfig ?? '',
  async inspect({ settings, kubernetes, issuers }) {
    const connection = {
      kind: 'kubeconfig' as const,
      path: settings.kubeconfig,
      context: settings.context,
    }
    const kube = kubernetes(connection)
    const [version, issuer, keyIds] = await Promise.all([kube.version(), kube.issuer(), kube.keyIds()])
    requireVersion(version)
    if (issuer === undefined)
      throw new ActionRequiredError(
        `The API server ${await kube.server()} doesn't publish its service account issuer`,
        'Allow the caller to read /.well-known/openid-configuration (ClusterRole system:service-account-issuer-discovery), and start the API server with an https --service-account-issuer',
      )
    await requirePublic(issuer, keyIds, {
      read: () => issuers.documents(issuer),
      remedy: async () => publishRemedy(await distributionOf(kube), publishCommand(connection)),
    })
    const known = distributionOfIssuer(issuer)
    return {
      state: 'ready',
      owned: false,
      ...(known ? { note: `${known.title}: ${known.note}` } : {}),
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
      const { reason, ...rest } = readFailure(error)
      const known = { kind: 'other' as const, name }
      return unreachable(ctx, known, { what: `The cluster ${name} can't be inspected: ${reason}`, ...rest })
    }
  },
  async apply() {
    throw new ActionRequiredError(
      '--context and --kubeconfig select an existing cluster; wi-setup only creates AKS clusters',
      'Pass --cluster instead to create an AKS cluster',
    )
  },
})

const publishCommand = ({ path, context }: { path: string | undefined; context: string | undefined }) =>
  wiSetup(
    ...['issuer', 'publish'],
    ...(path === undefined ? [] : option('--kubeconfig', path)),
    ...(context === undefined ? [] : option('--context', context)),
  )

function requireVersion(version: string): void {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? []
  if (Number(major) === 1 && Number(minor) < 20)
    throw new ActionRequiredError(
      `The cluster runs Kubernetes ${version}; workload identity needs 1.20 or newer`,
      'Upgrade the cluster',
    )
}

async function requirePublic(
  issuer: string,
  keyIds: string[] | undefined,
  { read, remedy }: { read: () => Promise<IssuerDocuments>; remedy: () => Promise<Remedy> },
): Promise<void> {
  if (isPrivateIssuer(issuer))
    throw new ActionRequiredError(`Microsoft Entra can't read the cluster's issuer ${issuer}`, await remedy())
  const documents = await read().catch(async (error) => {
    throw new ActionRequiredError(
      `Microsoft Entra can't read the cluster's issuer ${issuer}: ${(error as Error).message}`,
      await remedy(),
      // With a cause, a retry rule applies; an unreachable issuer fails at once.
      ['HttpStatus', 'NotJson'].includes(error.code) ? error : undefined,
    )
  })
  if (documents.issuer !== issuer)
    throw new ActionRequiredError(
      `The discovery document at the cluster's issuer ${issuer} names a different issuer: ${documents.issuer}`,
      await remedy(),
    )
  const published = documents.keys.map(({ kid }) => kid)
  if (keyIds && !keyIds.some((kid) => published.includes(kid)))
    throw new ActionRequiredError(
      `The keys published at the cluster's issuer ${issuer} don't match the cluster's keys`,
      instruction`Publish there what ${kubectl(['get'], { raw: '/openid/v1/jwks' })} prints`,
    )
}
