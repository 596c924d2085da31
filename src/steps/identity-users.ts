import type { Clients } from '../clients/clients.ts'
import type { FederatedCredential } from '../clients/directory.ts'
import { ServiceError } from '../clients/service-error.ts'
import type { Settings } from '../settings/settings.ts'
import { connectionOf } from './cluster-connection.ts'
import { clientIdKey } from './service-account.ts'

type Context = { settings: Settings } & Pick<Clients, 'kubernetes'>

/**
 * Returns the cluster's other service accounts that name the client ID. A workload with an identity binding has no
 * credential of its own. None if the cluster is gone, stopped or refuses the list.
 */
export async function otherAccountsOf(
  { settings, kubernetes }: Context,
  clientId: string,
): Promise<string[]> {
  const connection = connectionOf(settings)
  if (!connection) return []
  try {
    const accounts = await kubernetes(connection).list('ServiceAccount')
    return accounts
      .filter(({ metadata }) => metadata.annotations?.[clientIdKey]?.toLowerCase() === clientId.toLowerCase())
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
      .filter((name) => name !== `${settings.namespace}/${settings.serviceAccount}`)
  } catch (error) {
    const isUnavailable =
      error instanceof ServiceError && (error.status === 429 || (error.status ?? 0) >= 500)
    if (error instanceof ServiceError && !isUnavailable) return []
    throw error
  }
}

/** Returns who a credential is for: `shop/billing`, or the subject of another issuer's tokens. */
export function credentialUser({ subject, issuer }: FederatedCredential, here: string | undefined): string {
  const [, namespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(subject) ?? []
  if (!namespace) return subject
  return `${namespace}/${account}${here === undefined || issuer === here ? '' : ' of another cluster'}`
}
