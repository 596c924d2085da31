import type { Clients } from '../clients/clients.ts'
import type { FederatedCredential } from '../clients/directory.ts'
import { hasCode, ServiceError } from '../clients/service-error.ts'

/** Nobody answers for the issuer: its documents are gone, or its name is. */
const isGone = (error: unknown) =>
  (error instanceof ServiceError && error.status === 404) || hasCode(error, 'ENOTFOUND')

/** Returns the credentials whose issuer no longer exists: no AKS cluster has it, and it publishes no documents. */
export async function findDeadCredentials(
  { aksClusters, issuers }: Pick<Clients, 'aksClusters' | 'issuers'>,
  credentials: readonly FederatedCredential[],
): Promise<FederatedCredential[]> {
  if (!credentials.length) return []
  const living = new Set((await aksClusters.list()).map(({ issuer }) => issuer))
  const dead = await Promise.all(
    credentials.map(async ({ issuer }) => {
      if (living.has(issuer)) return false
      const error = await issuers.documents(issuer).then(
        () => undefined,
        (cause) => cause,
      )
      return isGone(error)
    }),
  )
  return credentials.filter((_, index) => dead[index])
}
