import type { Clients } from '../clients/clients.ts'
import type { FederatedCredential } from '../clients/directory.ts'
import { ServiceError } from '../clients/service-error.ts'

/** An issuer that can't be read from here may still exist. */
const existsIfUnreadable = (error: unknown): boolean => {
  if (error instanceof ServiceError) return true
  throw error
}

/** Returns the credentials whose issuer no longer exists: no AKS cluster has it, and it answers that there are no documents. */
export async function findDeadCredentials(
  { aksClusters, issuers }: Pick<Clients, 'aksClusters' | 'issuers'>,
  credentials: readonly FederatedCredential[],
): Promise<FederatedCredential[]> {
  if (!credentials.length) return []
  const living = new Set((await aksClusters.list()).map(({ issuer }) => issuer))
  const exists = await Promise.all(
    credentials.map(
      async ({ issuer }) => living.has(issuer) || issuers.isPublished(issuer).catch(existsIfUnreadable),
    ),
  )
  return credentials.filter((_, index) => !exists[index])
}
