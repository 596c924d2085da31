import { createHash } from 'node:crypto'
import type { Clients } from '../clients/clients.ts'
import type { FederatedCredential } from '../clients/directory.ts'
import type { Settings } from '../settings/settings.ts'
import type { Identity } from './identity.ts'

export const serviceAccountSubject = (settings: Pick<Settings, 'namespace' | 'serviceAccount'>) =>
  `system:serviceaccount:${settings.namespace}:${settings.serviceAccount}`

/** Always the same for one workload of one cluster, so that a lost answer never makes a twin. */
export const credentialName = (settings: Pick<Settings, 'namespace' | 'serviceAccount'>, issuer: string) => {
  const hash = createHash('sha256').update(issuer).digest('hex').slice(0, 8)
  const stem = `wi-${settings.namespace}-${settings.serviceAccount}`.replaceAll('.', '-').slice(0, 111)
  return `${stem}-${hash}`
}

type Which = { settings: Pick<Settings, 'resourceGroup'> } & Pick<Clients, 'directory' | 'identities'>

/** The credentials of either kind of identity. */
export const listCredentials = (
  { settings, directory, identities }: Which,
  { kind, ref }: Pick<Identity, 'kind' | 'ref'>,
) => (kind === 'app' ? directory.credentials(ref) : identities.credentials(settings.resourceGroup, ref))

type Workload = Pick<Settings, 'namespace' | 'serviceAccount' | 'resourceGroup'>

/**
 * This workload's own credentials by their exact name, and all others. Where the cluster does not tell its issuer any
 * more, the name has to be that of the credential's own issuer, and no cluster may be left that has it.
 */
export async function partitionCredentials(
  ctx: { settings: Workload } & Pick<Clients, 'directory' | 'identities' | 'aksClusters'>,
  identity: Pick<Identity, 'kind' | 'ref'>,
  issuer: string | undefined,
): Promise<{ mine: FederatedCredential[]; others: FederatedCredential[] }> {
  const { settings, aksClusters } = ctx
  const all = await listCredentials(ctx, identity)
  const named = all.filter(
    (each) =>
      each.name === credentialName(settings, issuer ?? each.issuer) &&
      (issuer !== undefined || each.subject === serviceAccountSubject(settings)),
  )
  const living = issuer === undefined && named.length ? await aksClusters.list() : []
  const mine = named.filter((each) => !living.some((cluster) => cluster.issuer === each.issuer))
  return { mine, others: all.filter((each) => !mine.includes(each)) }
}

/** True if wi-setup made it, for whichever workload. */
export function isManagedCredential({ name, issuer, subject }: FederatedCredential): boolean {
  const [, namespace, serviceAccount] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(subject) ?? []
  return (
    namespace !== undefined &&
    serviceAccount !== undefined &&
    name === credentialName({ namespace, serviceAccount }, issuer)
  )
}
