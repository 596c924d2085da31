import { UsageError } from '../base/usage-error.ts'
import type { ManagedIdentity } from '../clients/identities.ts'
import { isGuid } from '../settings/rules.ts'
import type { KnownSettings, Settings } from '../settings/settings.ts'
import { flagOf, settingSpec } from '../settings/table.ts'
import { clientIdKey } from '../steps/service-account.ts'
import type { Session } from './session.ts'

/** The parts of a managed identity's resource ID; undefined for other text. */
const parseResourceId = (text: string) => {
  const match =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.ManagedIdentity\/userAssignedIdentities\/([^/]+)$/i.exec(
      text,
    )
  return match ? { subscription: match[1]!, group: match[2]!, name: match[3]! } : undefined
}

const replaceValue = <Name extends 'identity' | 'identityKind' | 'identityResourceGroup'>(
  known: KnownSettings,
  name: Name,
  value: Settings[Name],
) => {
  const { source, from } = known[name] ?? known.identity ?? { source: 'found', from: 'the service account' }
  known[name] = { value, source, from } as KnownSettings[Name]
}

const useManaged = (known: KnownSettings, { name, group }: { name: string; group: string }) => {
  replaceValue(known, 'identity', name)
  replaceValue(known, 'identityKind', 'managed')
  replaceValue(known, 'identityResourceGroup', group)
}

/**
 * Finds the identity that the user named by its client ID, object ID or resource ID, and its kind. Throws a `UsageError`
 * if it must exist and a GUID is no identity's: it is never the name of a new one.
 */
export async function findNamedIdentity(
  { known, clients }: Pick<Session, 'known' | 'clients'>,
  subscription: string | undefined,
  { mustExist } = { mustExist: true },
): Promise<void> {
  const named = known.identity
  if (!named || named.source === 'default') return
  const resource = parseResourceId(named.value)
  if (resource) {
    if (resource.subscription.toLowerCase() !== subscription?.toLowerCase())
      throw new UsageError(
        `${named.from}: the managed identity is in subscription ${resource.subscription}, but ${flagOf('subscription')} is ${subscription}`,
      )
    return useManaged(known, resource)
  }
  if (!isGuid(named.value)) return
  const kind = known.identityKind?.source === 'default' ? undefined : known.identityKind?.value
  const id = named.value.toLowerCase()
  if (kind !== 'managed' && (await clients.directory.applicationByClientId(id))) {
    replaceValue(known, 'identityKind', 'app')
    return
  }
  const isSame = ({ clientId, principalId }: ManagedIdentity) =>
    [clientId, principalId].some((each) => each.toLowerCase() === id)
  const found = kind === 'app' ? undefined : (await clients.identities.list()).find(isSame)
  if (found) return useManaged(known, { name: found.name, group: found.id.split('/')[4]! })
  // Checks report it with its fix, and destroy has nothing to delete.
  if (!mustExist) return
  const what =
    kind === 'managed'
      ? 'no managed identity in this subscription'
      : kind === 'app'
        ? 'no application in this tenant'
        : 'no application in this tenant and no managed identity in this subscription'
  throw new UsageError(
    `${named.from} is ${JSON.stringify(named.value)}, but ${what} has this ID\n  the client ID or resource ID of an existing identity, or a name for a new one`,
  )
}

/**
 * Finds the identity that an existing service account names in its annotation, so that nothing new is created for a
 * workload that has one. What can't be read is left to the plan, which reports it.
 */
export async function findUsedIdentity(
  { known, clients }: Pick<Session, 'known' | 'clients'>,
  settings: Partial<Settings>,
): Promise<void> {
  const id = await annotatedClientId(clients, settings).catch(() => undefined)
  if (id === undefined || !isGuid(id)) return
  const kind = known.identityKind?.value
  const ofManaged = async () =>
    (await clients.identities.list()).find(({ clientId }) => clientId.toLowerCase() === id.toLowerCase())
  const app = kind === 'managed' ? undefined : await clients.directory.applicationByClientId(id)
  const managed = app || kind === 'app' ? undefined : await ofManaged()
  if (managed) useManaged(known, { name: managed.name, group: managed.id.split('/')[4]! })
  // One that wi-setup created is known by its name.
  else if (app && app.uniqueName !== defaultIdentity(settings)) {
    replaceValue(known, 'identity', app.clientId)
    replaceValue(known, 'identityKind', 'app')
  }
}

const defaultIdentity = (settings: Partial<Settings>) => settingSpec('identity').default?.(settings)

async function annotatedClientId(
  { aksClusters, kubernetes }: Session['clients'],
  settings: Partial<Settings>,
): Promise<string | undefined> {
  const { context, kubeconfig: path, clusterResourceGroup: group, cluster } = settings
  const { namespace, serviceAccount } = settings
  if (namespace === undefined || serviceAccount === undefined) return undefined
  const byKubeconfig = context !== undefined || path !== undefined
  if (!byKubeconfig) {
    if (group === undefined || cluster === undefined) return undefined
    if (!(await aksClusters.get(group, cluster))?.running) return undefined
  }
  const kube = kubernetes(
    byKubeconfig ? { kind: 'kubeconfig', path, context } : { kind: 'aks', group: group!, cluster: cluster! },
  )
  const account = await kube.get('ServiceAccount', serviceAccount, namespace)
  return account?.metadata.annotations?.[clientIdKey]
}
