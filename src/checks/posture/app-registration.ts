import { az } from '../../base/command.ts'
import { check } from '../../engine/check.ts'
import { identityExists } from '../identity.ts'
import { postureVerdict, skipIfForbidden } from './verdict.ts'

const sameText = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

export const noAppCredentials = check()({
  code: 'WI844',
  title: 'The app registration has no password and no certificate',
  link: 'identity',
  uses: ['identityKind'],
  needs: { identity: identityExists },
  excludedWhen: (settings) => settings.identityKind === 'managed',
  run: ({ identity, directory }) =>
    skipIfForbidden(async () =>
      postureVerdict(
        (await directory.keys(identity.ref)).map(({ id, kind }) => ({
          detail: `The app registration ${identity.clientId} has a ${kind}: anyone who has it can sign in as this identity`,
          is: `${kind} ${id}`,
          should: '(none)',
          remedy: az('ad app credential delete', {
            id: identity.clientId,
            'key-id': id,
            ...(kind === 'certificate' ? { cert: true } : {}),
          }),
          severe: true,
        })),
      ),
    ),
})

export const noOtherOwners = check()({
  code: 'WI845',
  title: "You are the app registration's only owner",
  link: 'identity',
  level: 'warning',
  uses: ['identityKind'],
  needs: { identity: identityExists },
  excludedWhen: (settings) => settings.identityKind === 'managed',
  run: ({ identity, directory, azureAccount }) =>
    skipIfForbidden(async () => {
      const [owners, caller] = await Promise.all([directory.owners(identity.ref), azureAccount.caller()])
      return postureVerdict(
        owners
          .filter((id) => !sameText(id, caller.objectId))
          .map((id) => ({
            detail: `An owner of app registration ${identity.clientId} can add credentials to it and sign in as this identity`,
            is: id,
            should: 'no other owner',
            remedy: az('ad app owner remove', { id: identity.clientId, 'owner-object-id': id }),
          })),
      )
    }),
})
