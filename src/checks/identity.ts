import { check, fail, pass } from '../engine/check.ts'
import { isGuid } from '../settings/rules.ts'
import type { Identity } from '../steps/identity.ts'
import { accountAnnotated } from './service-account.ts'

export const identityExists = check<Identity>()({
  code: 'WI110',
  title: "The service account's client id is the identity's",
  link: 'identity',
  uses: ['identity', 'identityKind', 'resourceGroup', 'namespace', 'serviceAccount'],
  needs: { account: accountAnnotated },
  async run({ settings, account, directory, identities, command }) {
    const { identity, identityKind, resourceGroup } = settings
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
      const found =
        named ?? (await directory.applicationByClientId(isGuid(identity) ? identity : account.clientId))
      return found && { kind: 'app', ref: found.objectId, clientId: found.clientId, principalId: undefined }
    }
    const found = await pick()
    if (!found)
      return fail({
        detail: `There is no ${identityKind === 'app' ? 'application' : 'managed identity'} ${identity}, nor one with the client id ${account.clientId}`,
        mend: command('identity', 'identity', 'identityKind'),
      })
    if (found.clientId.toLowerCase() !== account.clientId.toLowerCase())
      return fail({
        detail: 'The service account names another identity',
        is: account.clientId,
        should: found.clientId,
        mend: command('federate', 'namespace', 'serviceAccount'),
      })
    return pass(found, found.clientId)
  },
})

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
        mend: command('identity', 'identity'),
        transient: true,
      })
    if (!found.enabled)
      return fail({
        detail: 'The service principal is disabled (Entra: AADSTS7000112)',
        is: 'disabled',
        should: 'enabled',
        mend: `az ad sp update --id ${identity.clientId} --set accountEnabled=true`,
      })
    return pass({ principalId: found.objectId })
  },
})
