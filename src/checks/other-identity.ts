import { type Instruction, instruction, option } from '../base/command.ts'
import { equalsIgnoreCase } from '../clients/azure/resource-id.ts'
import type { Clients } from '../clients/clients.ts'
import { findInSubscriptions } from '../clients/find-in-subscriptions.ts'
import type { ManagedIdentity } from '../clients/identities.ts'
import { hasCode } from '../clients/service-error.ts'
import { acceptsSubject, listCredentials } from '../steps/credentials.ts'
import type { Identity } from '../steps/identity.ts'
import { toManagedIdentity } from '../steps/managed-identity.ts'

/** An application or a managed identity, found by its client ID or object ID. */
export interface OtherIdentity extends Identity {
  name: string
}

type LookupContext = Pick<Clients, 'directory' | 'identities' | 'inSubscription'>

/** Reading an identity's credentials takes one request each, so the search stops here. */
const searchLimit = 10

/** Returns an empty list if the caller isn't allowed to read. */
const emptyIfForbidden = async <T>(read: Promise<T[]>): Promise<T[]> => {
  try {
    return await read
  } catch (error) {
    if (hasCode(error, 'Authorization_RequestDenied', 'AuthorizationFailed')) return []
    throw error
  }
}

const fromApplication = (application: {
  objectId: string
  displayName: string
  clientId: string
}): OtherIdentity => ({
  kind: 'app',
  ref: application.objectId,
  clientId: application.clientId,
  principalId: undefined,
  name: application.displayName,
})

const fromManaged = (identity: ManagedIdentity): OtherIdentity => ({
  ...toManagedIdentity(identity),
  name: identity.name,
})

const managedIdentities = async ({ identities }: LookupContext): Promise<OtherIdentity[]> =>
  (await emptyIfForbidden(identities.list())).map(fromManaged)

/** Returns the identity, other than `own`, that has a federated credential with exactly this issuer and subject. */
export async function findCredentialHolder(
  ctx: LookupContext,
  { issuer, subject }: { issuer: string; subject: string },
  own: Identity,
): Promise<OtherIdentity | undefined> {
  const apps = await emptyIfForbidden(ctx.directory.applicationsTrusting(subject))
  const all = [...apps.map(fromApplication), ...(await managedIdentities(ctx))]
  const others = all.filter(({ clientId }) => clientId !== own.clientId).slice(0, searchLimit)
  const matches = await Promise.all(
    others.map(async (each) =>
      (await emptyIfForbidden(listCredentials(ctx, each))).some(
        (credential) => credential.issuer === issuer && acceptsSubject(credential, subject),
      ),
    ),
  )
  return others.find((_, index) => matches[index])
}

/** Returns the identity with this client ID, in any subscription, if the caller can read it. */
export async function findIdentity(
  ctx: LookupContext & Pick<Clients, 'azureAccount'>,
  clientId: string,
): Promise<OtherIdentity | undefined> {
  const [app] = await emptyIfForbidden(
    ctx.directory.applicationByClientId(clientId).then((found) => (found ? [found] : [])),
  )
  if (app) return fromApplication(app)
  const managed = await findInSubscriptions(
    ctx,
    () => ctx.identities.list(),
    ({ identities }) => identities.list(),
    (each) => equalsIgnoreCase(each.clientId, clientId),
  )
  return managed && fromManaged(managed)
}

export const describeIdentity = ({ kind, name, clientId }: OtherIdentity) =>
  `${kind === 'app' ? 'the application' : 'the managed identity'} ${name} (client ID ${clientId})`

/** Returns how to set up with that identity instead of the configured one. */
export const switchInstruction = (
  { kind, clientId }: OtherIdentity,
  own: Pick<Identity, 'kind'>,
): Instruction =>
  instruction`To use that identity instead, run the set-up again with ${{
    args: [...(kind === own.kind ? [] : ['--identity-kind', kind]), ...option('--identity', clientId)],
  }}`
