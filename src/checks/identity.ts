import { check, fail, pass } from '../engine/check.ts'
import { isGuid } from '../settings/rules.ts'
import type { Identity } from '../steps/identity.ts'
import { describeIdentity, findIdentity, switchInstruction } from './other-identity.ts'
import { accountAnnotated } from './service-account.ts'

export const identityExists = check<Identity>()({
  code: 'WI110',
  title: "The service account's client ID matches the identity's",
  link: 'identity',
  uses: ['identity', 'identityKind', 'resourceGroup', 'namespace', 'serviceAccount'],
  needs: { account: accountAnnotated },
  async run(ctx) {
    const { settings, account, directory, identities, command } = ctx
    const { identity, identityKind, resourceGroup } = settings
    const federate = command('federate', 'namespace', 'serviceAccount')
    const pick = async (): Promise<Identity | undefined> => {
      if (identityKind === 'managed') {
        const found = await identities.get(resourceGroup, identity)
        return (
          found && {
            kind: 'managed',
            ref: found.name,
            clientId: found.clientId,
            principalId: found.principalId,
          }
        )
      }
      const named = isGuid(identity) ? undefined : await directory.application(identity)
      const other = isGuid(identity) ? identity : account.clientId
      const found = named ?? (isGuid(other) ? await directory.applicationByClientId(other) : undefined)
      return found && { kind: 'app', ref: found.objectId, clientId: found.clientId, principalId: undefined }
    }
    const found = await pick()
    if (!found)
      return fail({
        detail: `No ${identityKind === 'app' ? 'application' : 'managed identity'} is named ${identity} or has the client ID ${account.clientId}`,
        remedy: command(''),
      })
    if (found.clientId.toLowerCase() !== account.clientId.toLowerCase()) {
      const mistake = describeMistake(account.clientId, found)
      const other = mistake === undefined ? await findIdentity(ctx, account.clientId) : undefined
      return fail({
        detail: other
          ? `The service account names ${describeIdentity(other)}, not ${identity} (Entra: AADSTS70025)\n${switchInstruction(other, found)}`
          : `The service account's client-id annotation holds ${mistake ?? "another identity's client ID"} (Entra: AADSTS700016)`,
        is: account.clientId,
        should: found.clientId,
        remedy: federate,
      })
    }
    return pass(found, found.clientId)
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
  uses: ['identity', 'identityKind'],
  needs: { identity: identityExists },
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
        remedy: `az ad sp update --id ${identity.clientId} --set accountEnabled=true`,
      })
    return pass({ principalId: found.objectId })
  },
})
