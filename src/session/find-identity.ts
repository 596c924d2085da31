import { UsageError } from '../base/usage-error.ts'
import { equalsIgnoreCase, parseResourceId } from '../clients/azure/resource-id.ts'
import type { Application } from '../clients/directory.ts'
import { findInSubscriptions } from '../clients/find-in-subscriptions.ts'
import type { ManagedIdentity } from '../clients/identities.ts'
import { ServiceError } from '../clients/service-error.ts'
import { isGuid } from '../settings/rules.ts'
import type { KnownSettings, Settings } from '../settings/settings.ts'
import { settingSpec } from '../settings/table.ts'
import { connectionOf } from '../steps/cluster-connection.ts'
import { clientIdKey } from '../steps/service-account.ts'
import type { Session } from './session.ts'

type IdentityContext = Pick<Session, 'known' | 'clients'>

const replaceValue = <
  Name extends 'identity' | 'identityKind' | 'identityResourceGroup' | 'identitySubscription',
>(
  known: KnownSettings,
  name: Name,
  value: Settings[Name],
) => {
  const { source, from } = known[name] ?? known.identity ?? { source: 'found', from: 'the service account' }
  known[name] = { value, source, from } as KnownSettings[Name]
}

const useManaged = (known: KnownSettings, { id, name, group }: ManagedIdentity) => {
  replaceValue(known, 'identity', name)
  replaceValue(known, 'identityKind', 'managed')
  replaceValue(known, 'identityResourceGroup', group)
  replaceValue(known, 'identitySubscription', parseResourceId(id).subscription)
}

interface Found {
  app?: Application | undefined
  managed?: ManagedIdentity | undefined
}

/** Finds the identity with this client ID or object ID, of the kind that is set, else of either kind. */
async function findById({ known, clients }: IdentityContext, id: string): Promise<Found> {
  const kind = known.identityKind?.value
  const app = kind === 'managed' ? undefined : await clients.directory.applicationByClientId(id)
  if (app || kind === 'app') return { app }
  const isSame = ({ clientId, principalId }: ManagedIdentity) =>
    [clientId, principalId].some((each) => equalsIgnoreCase(each, id))
  const managed = await findInSubscriptions(
    clients,
    () => clients.identities.list(),
    ({ identities }) => identities.list(),
    isSame,
  )
  return { managed }
}

/**
 * Finds the identity that the user named by its client ID or a managed identity's object ID, and its kind. Throws a `UsageError` if it must exist and a GUID is no identity's: it is never the name of a new one.
 */
export async function findNamedIdentity(
  context: IdentityContext,
  { mustExist } = { mustExist: true },
): Promise<void> {
  const { known } = context
  const named = known.identity
  if (!named || !isGuid(named.value)) return
  const { app, managed } = await findById(context, named.value)
  if (app) replaceValue(known, 'identityKind', 'app')
  else if (managed) useManaged(known, managed)
  // Checks report it with its fix, and destroy has nothing to delete.
  else if (mustExist)
    throw new UsageError(
      `${named.from} is ${JSON.stringify(named.value)}, but ${nobody(known.identityKind?.value)} has this ID\n  the client ID or resource ID of an existing identity, or a name for a new one`,
    )
}

const noApp = 'no application in this tenant'
const noManaged = 'no managed identity in the subscriptions that you can see'
const nobody = (kind: Settings['identityKind'] | undefined) =>
  kind === undefined ? `${noApp} and ${noManaged}` : kind === 'app' ? noApp : noManaged

/**
 * Finds the identity that an existing service account names in its annotation, so that nothing new is created for a
 * workload that has one.
 */
export async function findUsedIdentity(context: IdentityContext, settings: Partial<Settings>): Promise<void> {
  const { known, clients } = context
  const id = await annotatedClientId(clients, settings).catch(ignoreRefusal)
  if (id === undefined || !isGuid(id)) return
  const { app, managed } = await findById(context, id)
  if (managed && equalsIgnoreCase(managed.clientId, id)) useManaged(known, managed)
  // One that wi-setup created is known by its name.
  else if (app && app.uniqueName !== defaultIdentity(settings)) {
    replaceValue(known, 'identity', app.clientId)
    replaceValue(known, 'identityKind', 'app')
  }
}

/** The plan reports a cluster that can't be reached or read. One that fails for a moment may have the account. */
const ignoreRefusal = (error: unknown): undefined => {
  if (!(error instanceof ServiceError) || (error.status ?? 0) >= 500) throw error
}

const defaultIdentity = (settings: Partial<Settings>) => settingSpec('identity').default?.(settings)

async function annotatedClientId(
  { aksClusters, kubernetes }: Session['clients'],
  settings: Partial<Settings>,
): Promise<string | undefined> {
  const { namespace, serviceAccount } = settings
  const connection = connectionOf(settings)
  if (!connection || namespace === undefined || serviceAccount === undefined) return undefined
  if (connection.kind === 'aks' && !(await aksClusters.get(connection.group, connection.cluster))?.running)
    return undefined
  const account = await kubernetes(connection).get('ServiceAccount', serviceAccount, namespace)
  return account?.metadata.annotations?.[clientIdKey]
}
