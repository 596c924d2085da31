import type { Simulator } from '../simulator.ts'
import type { OAuthClient } from './clients.ts'
import { invalidClient } from './errors.ts'

/** Checks a client secret. Throws AADSTS7000215 if it is not one of the client's, 7000222 if it has expired. */
export function checkSecret(simulator: Simulator, client: OAuthClient, secret: string): void {
  const found = client.secrets.find(({ value }) => value === secret)
  if (!found || found.startsAt > simulator.now())
    throw invalidClient(
      7000215,
      `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${client.id}'.`,
    )
  if (found.endsAt <= simulator.now())
    throw invalidClient(
      7000222,
      `The provided client secret keys for app '${client.id}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.`,
    )
}
