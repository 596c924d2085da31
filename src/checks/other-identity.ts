import type { Clients } from '../clients/clients.ts'
import { hasCode } from '../clients/service-error.ts'
import type { Settings } from '../settings/settings.ts'
import { listCredentials } from '../steps/credentials.ts'
import type { Identity } from '../steps/identity.ts'

/** An application, or a managed identity of the resource group, that is not the one of the settings. */
export interface OtherIdentity extends Pick<Identity, 'kind' | 'ref' | 'clientId'> {
  name: string
}

type Where = { settings: Pick<Settings, 'resourceGroup'> } & Pick<Clients, 'directory' | 'identities'>

/** More are not looked at: each takes a request. */
const most = 10

/** Who may not look sees none. */
const seen = async <T>(look: Promise<T[]>): Promise<T[]> => {
  try {
    return await look
  } catch (error) {
    if (hasCode(error, 'Authorization_RequestDenied', 'AuthorizationFailed')) return []
    throw error
  }
}

const asOther = (of: { objectId: string; displayName: string; clientId: string }): OtherIdentity => ({
  kind: 'app',
  ref: of.objectId,
  clientId: of.clientId,
  name: of.displayName,
})

async function managed({ settings, identities }: Where): Promise<OtherIdentity[]> {
  const within = `/resourcegroups/${settings.resourceGroup}/`.toLowerCase()
  return (await seen(identities.list()))
    .filter(({ id }) => id.toLowerCase().includes(within))
    .map(({ name, clientId }) => ({ kind: 'managed', ref: name, clientId, name }))
}

/** Who holds a credential of exactly this issuer and subject, if it is not `mine`. */
export async function findCredentialHolder(
  ctx: Where,
  { issuer, subject }: { issuer: string; subject: string },
  mine: Identity,
): Promise<OtherIdentity | undefined> {
  const apps = await seen(ctx.directory.applicationsTrusting(subject))
  const all = [...apps.map(asOther), ...(await managed(ctx))]
  const others = all.filter(({ clientId }) => clientId !== mine.clientId).slice(0, most)
  const holds = await Promise.all(
    others.map(async (each) =>
      (await seen(listCredentials(ctx, each))).some(
        (credential) => credential.issuer === issuer && credential.subject === subject,
      ),
    ),
  )
  return others.find((_, n) => holds[n])
}

/** The identity of this client id, if the caller can see it. */
export async function findIdentity(ctx: Where, clientId: string): Promise<OtherIdentity | undefined> {
  const [app] = await seen(
    ctx.directory.applicationByClientId(clientId).then((found) => (found ? [found] : [])),
  )
  if (app) return asOther(app)
  return (await managed(ctx)).find((each) => each.clientId.toLowerCase() === clientId.toLowerCase())
}

export const describeIdentity = ({ kind, name, clientId }: OtherIdentity) =>
  `${kind === 'app' ? 'the application' : 'the managed identity'} ${name} (client id ${clientId})`

/** How a set-up goes by that identity, in place of the one of the settings: the service account will name it. */
export const switchInstruction = ({ kind, name, clientId }: OtherIdentity, mine: Pick<Identity, 'kind'>) =>
  `To go by that one instead, set up again with ${kind === mine.kind ? '' : `--identity-kind ${kind} `}--identity ${kind === 'app' ? clientId : name}`
