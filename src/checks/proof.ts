import type { Clients } from '../clients/clients.ts'
import { dataScope } from '../clients/data-services.ts'
import type { VaultSecret } from '../clients/secrets.ts'
import type { Vault } from '../clients/vaults.ts'
import type { CheckContext } from '../engine/check.ts'
import type { Settings } from '../settings/settings.ts'
import { usesVault } from '../settings/table.ts'

// The workload's own requests, each sent at most once per round. They overrule checks that only infer a result.

/** Returns an access token of the workload for the scope, such as `https://vault.azure.net/.default`. */
export type Exchange = (scope: string) => Promise<string>

type Once = Pick<CheckContext<never, Record<never, never>>, 'once'>

/** Who the workload is in Entra, and how to get a token that its issuer has signed. */
export interface WorkloadSource {
  clientId: string
  tenantId: string
  /** Throws if only the workload itself can get one. */
  requestToken: () => Promise<string>
}

type ExchangeContext = {
  account: WorkloadSource
  settings: Partial<Settings>
} & Once &
  Pick<Clients, 'cloud' | 'entra'>

type ReadContext = ExchangeContext & {
  settings: Pick<Settings, 'secret'>
  vault: Vault
} & Pick<Clients, 'secrets'>

/** Returns the error instead of throwing it, so that it is shared like a result. */
const attempt = async <T>(action: () => Promise<T>): Promise<T | { error: unknown }> => {
  try {
    return await action()
  } catch (error) {
    return { error }
  }
}

/** Exchanges the workload's token for one of the vault's audience; without a vault, of Resource Manager's. */
export const exchangeToken = (ctx: ExchangeContext): Promise<{ exchange: Exchange } | { error: unknown }> =>
  ctx.once('exchange', () =>
    attempt(async () => {
      const { account, entra, cloud, once, settings } = ctx
      const assertion = await account.requestToken()
      const exchange = (scope: string) =>
        once(`exchange ${scope}`, () =>
          entra.exchange({ tenantId: account.tenantId, clientId: account.clientId, assertion, scope }),
        )
      await exchange(usesVault(settings) ? dataScope(cloud, 'vault') : cloud.armScope)
      return { exchange }
    }),
  )

/** Result of reading the secret with the workload's token. */
export type SecretRead = { found: VaultSecret | undefined } | { error: unknown }

/** Reads the secret once, with the workload's token. */
export const readSecret = (ctx: ReadContext): Promise<SecretRead> =>
  ctx.once('secret as the workload', async () => {
    const exchanged = await exchangeToken(ctx)
    if ('error' in exchanged) return exchanged
    const { settings, vault, secrets } = ctx
    return attempt(async () => ({
      found: await secrets.get(vault.uri, settings.secret, { token: exchanged.exchange }),
    }))
  })

/** Reads the secret once, with the caller's own token: for what the workload's can't show. */
export const readSecretAsCaller = (
  ctx: { settings: Pick<Settings, 'secret'>; vault: Vault } & Once & Pick<Clients, 'secrets'>,
): Promise<SecretRead> =>
  ctx.once('secret as the caller', () =>
    attempt(async () => ({ found: await ctx.secrets.get(ctx.vault.uri, ctx.settings.secret) })),
  )

/** For `overruledBy`: the checks up to Entra. */
export const byExchange = async (ctx: ExchangeContext): Promise<string | undefined> =>
  'exchange' in (await exchangeToken(ctx)) ? "Entra accepts the workload's token" : undefined

/** For `overruledBy`: the checks up to the secret. */
export const bySecret = async (ctx: ReadContext): Promise<string | undefined> => {
  const read = await readSecret(ctx)
  return 'found' in read && read.found ? 'The workload reads the secret' : undefined
}
