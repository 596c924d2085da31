import { check, fail, pass } from '../engine/check.ts'
import { isGuid } from '../settings/rules.ts'
import type { Identity } from '../steps/identity.ts'
import { describeIdentity, findIdentity, switchInstruction } from './other-identity.ts'
import { accountAnnotated } from './service-account.ts'

export const identityExists = check<Identity>()({
  code: 'WI110',
  title: "The service account's client id is the identity's",
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
        detail: `There is no ${identityKind === 'app' ? 'application' : 'managed identity'} ${identity}, nor one with the client id ${account.clientId}`,
        remedy: command(''),
      })
    if (found.clientId.toLowerCase() !== account.clientId.toLowerCase()) {
      const what = whatItIs(account.clientId, found)
      const other = what === undefined ? await findIdentity(ctx, account.clientId) : undefined
      return fail({
        detail: other
          ? `The service account names ${describeIdentity(other)}, and not ${identity} (Entra: AADSTS70025)\n${switchInstruction(other, found)}`
          : `The service account names ${what ?? 'another identity'} (Entra: AADSTS700016)`,
        is: account.clientId,
        should: found.clientId,
        remedy: federate,
      })
    }
    return pass(found, found.clientId)
  },
})

function whatItIs(text: string, { ref, principalId }: Identity): string | undefined {
  if (text.startsWith('/subscriptions/')) return "the identity's resource id, not its client id"
  if (!isGuid(text)) return 'something that is no client id'
  const objectIds = [ref, principalId].map((each) => each?.toLowerCase())
  return objectIds.includes(text.toLowerCase()) ? "the identity's object id, not its client id" : undefined
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
        detail: 'The application has no service principal (Entra: AADSTS7000229)',
        // A new one is somebody new to the vault: access has to be given again.
        remedy: command(''),
        transient: true,
      })
    if (!found.enabled)
      return fail({
        detail: 'The service principal is disabled (Entra: AADSTS7000112)',
        is: 'disabled',
        should: 'enabled',
        remedy: `az ad sp update --id ${identity.clientId} --set accountEnabled=true`,
      })
    return pass({ principalId: found.objectId })
  },
})
