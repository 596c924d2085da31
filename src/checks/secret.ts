import { az, withArgs } from '../base/command.ts'
import type { VaultSecret } from '../clients/secrets.ts'
import { hasCode, ServiceError } from '../clients/service-error.ts'
import { check, couldNotRun, fail, pass, skippedForWant, warn } from '../engine/check.ts'
import { explain } from '../explain/index.ts'
import { notDenied } from './deny-assignment.ts'
import { readSecret, readSecretAsCaller, type SecretRead } from './proof.ts'
import { accountAnnotated } from './service-account.ts'
import { tokenExchange } from './token-exchange.ts'
import { vaultExists } from './vault.ts'
import { accessModelMatches, accessPolicySet, roleAssigned } from './vault-access.ts'

/** Reads of the secret, each sent at most once: as the workload, if Entra accepts its token, and as the caller. */
interface SecretReads {
  asWorkload: (() => Promise<SecretRead>) | undefined
  asCaller: () => Promise<SecretRead>
}

const isBlocked = (read: SecretRead) =>
  'error' in read && hasCode(read.error, 'ForbiddenByFirewall', 'ForbiddenByConnection')

const isDisabled = (read: SecretRead) => 'error' in read && hasCode(read.error, 'SecretDisabled')

/** Whether the vault has answered for the secret, whatever its state. */
const isKnown = (read: SecretRead) => 'found' in read || isDisabled(read)

export const vaultNetworkAllows = check<SecretReads>()({
  code: 'WI504',
  title: "The vault's network rules allow this machine",
  link: 'vault',
  uses: ['secret', 'vault', 'vaultResourceGroup', 'namespace', 'serviceAccount', 'audience'],
  needs: { vault: vaultExists },
  wants: { exchanged: tokenExchange, account: accountAnnotated },
  async run(ctx) {
    const { vault, exchanged, account } = ctx
    const asCaller = () => readSecretAsCaller(ctx)
    const asWorkload = exchanged && account ? () => readSecret({ ...ctx, account }) : undefined
    const result = await (asWorkload ?? asCaller)()
    if ('error' in result && !asWorkload && !isAnswer(result.error)) return skippedForWant()
    if (!('error' in result) || !isBlocked(result)) return pass({ asWorkload, asCaller })
    const { what, remedy, trace } = explain(result.error)
    const hint = '. Pods may use another network; to test from a pod, run verify --in-cluster'
    return vault.publicNetworkAccess
      ? fail({
          detail: what + hint,
          is: `default action ${vault.firewall}, no rule for this address`,
          should: 'a rule for this address',
          remedy,
          trace,
        })
      : fail({
          detail: `The vault ${vault.name} can only be reached through a private endpoint${hint}`,
          is: 'public network access: Disabled',
          should: "a private endpoint in the pods' network",
          remedy,
          trace,
        })
  },
})

/** The vault itself has answered: the request got through to it. */
const isAnswer = (error: unknown) => error instanceof ServiceError && [403, 404].includes(error.status ?? 0)

export const secretEnabled = check<VaultSecret>()({
  code: 'WI507',
  title: 'The secret exists and is enabled',
  link: 'vault',
  uses: ['secret', 'vault'],
  needs: { network: vaultNetworkAllows },
  wants: { exchanged: tokenExchange },
  // Only that it can't be checked: what it finds has no other cause.
  explainedBy: [accessModelMatches, notDenied, roleAssigned, accessPolicySet],
  async run({ settings, network: { asWorkload, asCaller }, command }) {
    const own = await asWorkload?.()
    // The vault doesn't tell a workload without access whether the secret exists.
    const result = own && isKnown(own) ? own : await asCaller()
    if (!isKnown(result))
      return asWorkload ? couldNotRun('neither the workload nor you may read the secret') : skippedForWant()
    if ('error' in result)
      return fail({
        unexplained: true,
        detail: `The secret ${settings.secret} in vault ${settings.vault} is disabled`,
        is: 'disabled',
        should: 'enabled',
        remedy: az('keyvault secret set-attributes', {
          'vault-name': settings.vault,
          name: settings.secret,
          enabled: 'true',
        }),
        trace: explain(result.error).trace,
      })
    if (!result.found)
      return fail({
        unexplained: true,
        detail: `Vault ${settings.vault} has no secret ${settings.secret}`,
        remedy: command('vault', 'vault', 'secret'),
      })
    return pass(result.found)
  },
})

export const secretReadable = check<VaultSecret>()({
  code: 'WI508',
  title: "The workload's own token can read the secret",
  link: 'vault',
  uses: ['secret', 'vault'],
  needs: { network: vaultNetworkAllows, exchanged: tokenExchange },
  explainedBy: [accessModelMatches, notDenied, roleAssigned, accessPolicySet, secretEnabled],
  async run({ settings, network: { asWorkload }, command }) {
    const result = await asWorkload!()
    if (!('error' in result))
      return result.found
        ? pass(result.found, settings.secret)
        : fail({
            detail: `The vault has no secret ${settings.secret}`,
            remedy: command('vault', 'vault', 'secret'),
          })
    const { what, trace } = explain(result.error)
    // The exchanged token may have expired; the next attempt exchanges a new one.
    if (result.error instanceof ServiceError && result.error.status === 401)
      return fail({ detail: what, remedy: command('verify'), transient: true, trace })
    if (!hasCode(result.error, 'ForbiddenByRbac', 'AccessDenied')) throw result.error
    return fail({
      detail: `${what}\nAccess is granted, so it has probably not taken effect yet (up to 10 min).`,
      remedy: withArgs(command('verify'), '--wait', '10m'),
      transient: true,
      trace,
    })
  },
})

export const secretNotExpired = check()({
  code: 'WI510',
  title: "The secret's activation and expiration dates include today",
  link: 'vault',
  level: 'warning',
  uses: ['secret', 'vault'],
  needs: { found: secretEnabled },
  async run({ settings, found: { notBefore, expires }, clock }) {
    const now = Date.now() + clock.skew()
    const setAttribute = (name: string, time: number) =>
      az('keyvault secret set-attributes', {
        'vault-name': settings.vault,
        name: settings.secret,
        [name]: `${day(time)}T00:00:00Z`,
      })
    const day = (time: number) => new Date(time).toISOString().slice(0, 10)
    if (expires && expires.getTime() < now)
      return warn(true as const, {
        detail: `The secret ${settings.secret} in vault ${settings.vault} has expired; Key Vault still returns it`,
        is: expires.toISOString(),
        should: 'a date in the future',
        remedy: setAttribute('expires', now + 365 * 86_400_000),
      })
    if (notBefore && notBefore.getTime() > now)
      return warn(true as const, {
        detail: `The activation date of secret ${settings.secret} in vault ${settings.vault} is in the future`,
        is: notBefore.toISOString(),
        should: 'a date in the past',
        remedy: setAttribute('not-before', now),
      })
    return pass(true as const)
  },
})
