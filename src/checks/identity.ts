import { az } from '../base/command.ts'
import type { Clients } from '../clients/clients.ts'
import { check, fail, pass } from '../engine/check.ts'
import { isGuid } from '../settings/rules.ts'
import type { Settings } from '../settings/settings.ts'
import type { Identity } from '../steps/identity.ts'
import { toManagedIdentity } from '../steps/managed-identity.ts'
import { describeIdentity, findIdentity, switchInstruction } from './other-identity.ts'
import { byExchange } from './proof.ts'
import { accountAnnotated } from './service-account.ts'

/** Returns the identity in the settings: found by its name, or an application by its client ID. */
export async function configuredIdentity(
  {
    identity,
    identityKind,
    identityResourceGroup: group,
  }: Pick<Settings, 'identity' | 'identityKind' | 'identityResourceGroup'>,
  { directory, identities }: Pick<Clients, 'directory' | 'identities'>,
): Promise<Identity | undefined> {
  if (identityKind === 'managed') {
    const found = await identities.get(group, identity)
    return found && toManagedIdentity(found)
  }
  const found = await (isGuid(identity)
    ? directory.applicationByClientId(identity)
    : directory.application(identity))
  return found && { kind: 'app', ref: found.objectId, clientId: found.clientId, principalId: undefined }
}

export const identityExists = check<Identity>()({
  code: 'WI110',
  title: "The service account's client ID matches the identity's",
  link: 'identity',
  uses: ['identity', 'identityKind', 'identityResourceGroup', 'namespace', 'serviceAccount', 'audience'],
  needs: { account: accountAnnotated },
  overruledBy: byExchange,
  async run(ctx) {
    const { settings, account, command } = ctx
    const { identity } = settings
    const found = await configuredIdentity(settings, ctx)
    const isNamed = found?.clientId.toLowerCase() === account.clientId.toLowerCase()
    if (found && isNamed) return pass(found, found.clientId)
    const mistake = found && describeMistake(account.clientId, found)
    const other = mistake === undefined ? await findIdentity(ctx, account.clientId) : undefined
    // The service account decides which identity it uses, whatever its name, kind and resource group.
    if (!found && other) return pass(other, describeIdentity(other))
    if (!found)
      return fail({
        detail: `No application of this tenant and no managed identity that you can see in any subscription is named ${identity} or has the client ID ${account.clientId}`,
        remedy: command(''),
      })
    return fail({
      detail: other
        ? `The service account names ${describeIdentity(other)}, not ${identity} (Entra: AADSTS70025)\n${ctx.print(switchInstruction(other, found))}`
        : `The service account's client-id annotation holds ${mistake ?? "another identity's client ID"} (Entra: AADSTS700016)`,
      is: account.clientId,
      should: found.clientId,
      remedy: command('federate', 'namespace', 'serviceAccount'),
      // A slip of the pen leaves no doubt about which identity is meant.
      ...(other ? { out: other } : mistake === undefined ? {} : { continueWith: found }),
    })
  },
})

/** Returns what was written in place of the client ID, or undefined if it looks like another identity's. */
function describeMistake(text: string, { ref, principalId }: Identity): string | undefined {
  if (text.startsWith('/subscriptions/')) return "the identity's resource ID, not its client ID"
  if (!isGuid(text)) return 'a value that is not a client ID'
  const objectIds = [ref, principalId].map((each) => each?.toLowerCase())
  return objectIds.includes(text.toLowerCase()) ? "the identity's object ID, not its client ID" : undefined
}

export const principalExists = check<{ principalId: string }>()({
  code: 'WI113',
  title: 'The identity has an enabled service principal in the tenant',
  link: 'identity',
  uses: ['identity', 'identityKind', 'namespace', 'serviceAccount', 'audience'],
  needs: { identity: identityExists, account: accountAnnotated },
  overruledBy: byExchange,
  async run({ identity, directory, command }) {
    if (identity.kind === 'managed') return pass({ principalId: identity.principalId! })
    const found = await directory.servicePrincipal(identity.clientId)
    if (!found)
      return fail({
        detail: `Application ${identity.clientId} has no service principal (Entra: AADSTS7000229)`,
        // The vault doesn't know a new service principal, so access must be granted again.
        remedy: command(''),
        transient: true,
      })
    if (!found.enabled)
      return fail({
        detail: `The service principal of application ${identity.clientId} is disabled (Entra: AADSTS7000112)`,
        is: 'disabled',
        should: 'enabled',
        remedy: az('ad sp update', { id: identity.clientId, set: 'accountEnabled=true' }),
        continueWith: { principalId: found.objectId },
      })
    return pass({ principalId: found.objectId })
  },
})
