import type { VaultSecret } from '../clients/secrets.ts'
import { hasCode, ServiceError } from '../clients/service-error.ts'
import { check, fail, pass, warn } from '../engine/check.ts'
import { explain } from '../explain/index.ts'
import { tokenExchange } from './token-exchange.ts'
import { vaultExists } from './vault.ts'
import { accessModelMatches, accessPolicySet, roleAssigned } from './vault-access.ts'

/** What the one look at the secret gave, as the workload. */
type Looked = { found: VaultSecret | undefined } | { error: unknown }

export const vaultNetworkAllows = check<{ look: () => Promise<Looked> }>()({
  code: 'WI504',
  title: "The vault's network rules let this machine in",
  link: 'vault',
  uses: ['secret', 'vault', 'vaultResourceGroup'],
  needs: {
    vault: vaultExists,
    entra: tokenExchange,
    fits: accessModelMatches,
    role: roleAssigned,
    policy: accessPolicySet,
  },
  async run({ settings, vault, entra, secrets, once }) {
    const look = () =>
      once('secret as the workload', async (): Promise<Looked> => {
        try {
          return { found: await secrets.get(vault.uri, settings.secret, { token: entra.exchange }) }
        } catch (error) {
          return { error }
        }
      })
    const looked = await look()
    const shut = 'error' in looked && hasCode(looked.error, 'ForbiddenByFirewall', 'ForbiddenByConnection')
    if (!shut) return pass({ look })
    const { what, remedy, trace } = explain(looked.error)
    const elsewhere = '; pods may come from another network: --in-cluster tells'
    return vault.publicNetworkAccess
      ? fail({
          detail: what + elsewhere,
          is: `default action ${vault.firewall}, and no rule for this address`,
          should: 'a rule for it',
          remedy: remedy.replace('--name …', `--name ${vault.name}`),
          trace,
        })
      : fail({
          detail: `The vault ${vault.name} can only be reached through a private endpoint${elsewhere}`,
          is: 'public network access Disabled',
          should: 'Enabled, or a private endpoint in the network of the pods',
          remedy: `az keyvault update --resource-group ${settings.vaultResourceGroup} --name ${vault.name} --public-network-access Enabled`,
          trace,
        })
  },
})

export const secretEnabled = check<{ look: () => Promise<Looked> }>()({
  code: 'WI507',
  title: 'The secret is there, and not disabled',
  link: 'vault',
  uses: ['secret', 'vault'],
  needs: { network: vaultNetworkAllows },
  async run({ settings, network: { look }, command }) {
    const looked = await look()
    if ('found' in looked && !looked.found)
      return fail({
        detail: `The vault has no secret ${settings.secret}`,
        remedy: command('vault', 'vault', 'secret'),
      })
    if ('error' in looked && hasCode(looked.error, 'SecretDisabled'))
      return fail({
        detail: `The secret ${settings.secret} is disabled`,
        is: 'disabled',
        should: 'enabled',
        remedy: `az keyvault secret set-attributes --vault-name ${settings.vault} --name ${settings.secret} --enabled true`,
        trace: explain(looked.error).trace,
      })
    return pass({ look })
  },
})

export const secretReadable = check<VaultSecret>()({
  code: 'WI508',
  title: "The secret is read with the workload's own token",
  link: 'vault',
  uses: ['secret'],
  needs: { secret: secretEnabled },
  async run({ settings, secret: { look }, command }) {
    const looked = await look()
    if ('found' in looked) return pass(looked.found!, settings.secret)
    const { what, trace } = explain(looked.error)
    // The token was exchanged when the proof began; another look exchanges it anew.
    if (looked.error instanceof ServiceError && looked.error.status === 401)
      return fail({ detail: what, remedy: command('verify'), transient: true, trace })
    if (!hasCode(looked.error, 'ForbiddenByRbac', 'AccessDenied')) throw looked.error
    return fail({
      detail: `${what};\nthe access is given, so it has probably not taken effect yet (up to 10 min)`,
      remedy: `${command('verify')} --wait 10m`,
      transient: true,
      trace,
    })
  },
})

export const secretNotExpired = check()({
  code: 'WI510',
  title: 'The secret is within the time for which it is meant',
  link: 'vault',
  level: 'warning',
  uses: ['secret', 'vault'],
  needs: { read: secretReadable },
  async run({ settings, read: { notBefore, expires }, clock }) {
    const now = Date.now() + clock.skew()
    const attributes = `az keyvault secret set-attributes --vault-name ${settings.vault} --name ${settings.secret}`
    const day = (time: number) => new Date(time).toISOString().slice(0, 10)
    if (expires && expires.getTime() < now)
      return warn(true as const, {
        detail: `The secret ${settings.secret} has expired; Key Vault still hands it out`,
        is: expires.toISOString(),
        should: 'a time to come',
        remedy: `${attributes} --expires ${day(now + 365 * 86_400_000)}T00:00:00Z`,
      })
    if (notBefore && notBefore.getTime() > now)
      return warn(true as const, {
        detail: `The secret ${settings.secret} is not meant to be used yet`,
        is: notBefore.toISOString(),
        should: 'a time gone by',
        remedy: `${attributes} --not-before ${day(now)}T00:00:00Z`,
      })
    return pass(true as const)
  },
})
