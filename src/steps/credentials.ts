import { sha256 } from '../base/sha256.ts'
import { matchesExpression } from '../clients/claims-expression.ts'
import type { Clients } from '../clients/clients.ts'
import type { FederatedCredential } from '../clients/directory.ts'
import type { PlannedResource, RequiredAction } from '../engine/step.ts'
import { wantedCredentials } from '../issuers/index.ts'
import type { IssuerSettings } from '../issuers/issuer.ts'
import type { Settings } from '../settings/settings.ts'
import { identityGroup } from './groups.ts'
import type { Identity } from './identity.ts'

export const serviceAccountSubject = (settings: Pick<Settings, 'namespace' | 'serviceAccount'>) =>
  `system:serviceaccount:${settings.namespace}:${settings.serviceAccount}`

const shortHash = (text: string) => sha256(text).toString('hex').slice(0, 8)
const serviceAccountPattern = /^system:serviceaccount:([^:]+):([^:]+)$/

/** The same for the same tokens, so that a lost response never creates a duplicate. */
export function credentialName({
  issuer,
  subject,
  expression,
}: Pick<FederatedCredential, 'issuer' | 'subject' | 'expression'>): string {
  const [, namespace, serviceAccount] = serviceAccountPattern.exec(subject) ?? []
  if (namespace !== undefined) {
    const stem = `wi-${namespace}-${serviceAccount}`.replaceAll('.', '-').slice(0, 111)
    return `${stem}-${shortHash(issuer)}`
  }
  const tokens = expression ?? subject
  const stem = tokens.replace(/[^a-zA-Z0-9_]+/g, '-').replace(/^-+|-+$/g, '')
  return `wi-${stem.slice(0, 80)}-${shortHash(`${issuer} ${tokens}`)}`
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
export const shownSubject = ({
  subject,
  expression,
}: Pick<FederatedCredential, 'subject' | 'expression'>): string => expression ?? subject

type Workload = IssuerSettings & Pick<Settings, 'namespace' | 'serviceAccount'>

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
  if (settings.issuer !== undefined) {
    const names = wantedCredentials(settings).map((each) =>
      credentialName({ ...each, issuer: each.issuer ?? '' }),
    )
    const mine = all.filter(({ name }) => names.includes(name))
    return { mine, others: all.filter((each) => !mine.includes(each)) }
  }
  const subject = serviceAccountSubject(settings)
  const named = all.filter(
    (each) =>
      each.name === credentialName({ subject, issuer: issuer ?? each.issuer }) &&
      (issuer !== undefined || each.subject === subject),
  )
  const clusters = issuer === undefined && named.length ? await aksClusters.list() : []
  const mine = named.filter((each) => !clusters.some((cluster) => cluster.issuer === each.issuer))
  return { mine, others: all.filter((each) => !mine.includes(each)) }
}

/** Whether wi-setup created it, for any workload. */
export const isManagedCredential = (credential: FederatedCredential): boolean =>
  credential.name === credentialName(credential)

/** Returns the ARM action on credentials of a managed identity; of an application, Graph decides. */
export const credentialActions = (
  settings: Pick<Settings, 'identityKind' | 'identityResourceGroup' | 'identitySubscription'>,
  verb: 'write' | 'delete',
): RequiredAction[] =>
  settings.identityKind === 'managed'
    ? [
        {
          action: `Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/${verb}`,
          ...identityGroup(settings),
        },
      ]
    : []

/** Returns the credential as the Azure resource that policies see; undefined for an app registration, or while the issuer is unknown. */
export const plannedCredential = (
  settings: Pick<Settings, 'identityKind' | 'identityResourceGroup' | 'identitySubscription'>,
  tokens: { issuer: string | undefined; subject: string },
): PlannedResource | undefined =>
  settings.identityKind === 'managed' && tokens.issuer !== undefined
    ? {
        type: 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials',
        name: credentialName({ issuer: tokens.issuer, subject: tokens.subject }),
        apiVersion: '2024-11-30',
        ...identityGroup(settings),
        properties: tokens,
      }
    : undefined

export const putCredential = (
  ctx: CredentialContext,
  identity: IdentityRef,
  credential: FederatedCredential,
): Promise<void> =>
  identity.kind === 'app'
    ? ctx.directory.putCredential(identity.ref, credential)
    : identitiesOf(ctx, identity).putCredential(identity.group!, identity.ref, credential)

export const removeCredential = (
  ctx: CredentialContext,
  identity: IdentityRef,
  name: string,
): Promise<void> =>
  identity.kind === 'app'
    ? ctx.directory.removeCredential(identity.ref, name)
    : identitiesOf(ctx, identity).removeCredential(identity.group!, identity.ref, name)
