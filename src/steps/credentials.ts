import { sha256 } from '../base/sha256.ts'
import { matchesExpression } from '../clients/claims-expression.ts'
import type { Clients } from '../clients/clients.ts'
import type { FederatedCredential } from '../clients/directory.ts'
import type { Settings } from '../settings/settings.ts'
import type { Identity } from './identity.ts'

export const serviceAccountSubject = (settings: Pick<Settings, 'namespace' | 'serviceAccount'>) =>
  `system:serviceaccount:${settings.namespace}:${settings.serviceAccount}`

/** The same for one workload of one cluster, so that a lost response never creates a duplicate. */
export const credentialName = (settings: Pick<Settings, 'namespace' | 'serviceAccount'>, issuer: string) => {
  const hash = sha256(issuer).toString('hex').slice(0, 8)
  const stem = `wi-${settings.namespace}-${settings.serviceAccount}`.replaceAll('.', '-').slice(0, 111)
  return `${stem}-${hash}`
}

/** What identifies an identity in requests. */
export type IdentityRef = Pick<Identity, 'kind' | 'ref' | 'group' | 'subscription'>

type CredentialContext = Pick<Clients, 'directory' | 'identities' | 'inSubscription'>

/** Returns the federated credentials of either kind of identity. */
export const listCredentials = (ctx: CredentialContext, identity: IdentityRef) =>
  identity.kind === 'app'
    ? ctx.directory.credentials(identity.ref)
    : identitiesOf(ctx, identity).credentials(identity.group!, identity.ref)

/** Returns the managed identities of this one's subscription. */
export const identitiesOf = (
  { identities, inSubscription }: Pick<Clients, 'identities' | 'inSubscription'>,
  { subscription }: IdentityRef,
) => (subscription ? inSubscription(subscription).identities : identities)

/** Whether the credential accepts tokens with this subject: an exact one, or one that its expression matches. */
export const acceptsSubject = ({ subject, expression }: FederatedCredential, wanted: string): boolean =>
  expression === undefined ? subject === wanted : matchesExpression(expression, { sub: wanted })

/** Returns the subject as a user knows it: a flexible credential has an expression instead. */
export const shownSubject = ({ subject, expression }: FederatedCredential): string => expression ?? subject

type Workload = Pick<Settings, 'namespace' | 'serviceAccount'>

/**
 * Splits the credentials into those that wi-setup created for this workload and all others. If the cluster's issuer is
 * unknown, a credential is this workload's if its name fits its own issuer, and no existing cluster has that issuer.
 */
export async function partitionCredentials(
  ctx: { settings: Workload } & CredentialContext & Pick<Clients, 'aksClusters'>,
  identity: IdentityRef,
  issuer: string | undefined,
): Promise<{ mine: FederatedCredential[]; others: FederatedCredential[] }> {
  const { settings, aksClusters } = ctx
  const all = await listCredentials(ctx, identity)
  const named = all.filter(
    (each) =>
      each.name === credentialName(settings, issuer ?? each.issuer) &&
      (issuer !== undefined || each.subject === serviceAccountSubject(settings)),
  )
  const clusters = issuer === undefined && named.length ? await aksClusters.list() : []
  const mine = named.filter((each) => !clusters.some((cluster) => cluster.issuer === each.issuer))
  return { mine, others: all.filter((each) => !mine.includes(each)) }
}

/** Whether wi-setup created it, for any workload. */
export function isManagedCredential({ name, issuer, subject }: FederatedCredential): boolean {
  const [, namespace, serviceAccount] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(subject) ?? []
  return (
    namespace !== undefined &&
    serviceAccount !== undefined &&
    name === credentialName({ namespace, serviceAccount }, issuer)
  )
}
