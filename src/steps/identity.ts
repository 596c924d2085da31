import { absent, step } from '../engine/step.ts'
import { Refusal } from '../refusal.ts'
import { isGuid } from '../settings/rules.ts'

/** Who the workload is in Entra, whichever kind. */
export interface Identity {
  kind: 'app' | 'managed'
  /** Object id of the application, or the managed identity's name. */
  ref: string
  clientId: string
  /** Only known here for a managed identity. */
  principalId: string | undefined
}

const tags = ['managed-by:wi-setup']

/** An application registration, found by its unique name (ours) or its client id (anybody's), never by display name. */
export const appRegistration = step<Identity>()({
  id: 'identity',
  title: 'app registration',
  command: 'identity',
  uses: ['identity'],
  needs: {},
  label: (settings) => settings.identity,
  async inspect({ settings, directory }) {
    const { identity } = settings
    const byId = isGuid(identity)
    const found = await (byId ? directory.applicationByClientId(identity) : directory.application(identity))
    if (found)
      return {
        state: 'ready',
        out: { kind: 'app', ref: found.objectId, clientId: found.clientId, principalId: undefined },
        owned: tags.every((tag) => found.tags.includes(tag)),
      }
    if (byId)
      throw new Refusal(
        `No application has the client id ${identity} in this tenant`,
        'Give --identity the name of a new one, or the right client id',
      )
    if (await directory.deletedApplication(identity)) return absent('restores the deleted one')
    const namesakes = await directory.applicationsNamed(identity)
    return absent(
      namesakes.length
        ? `${namesakes.length} of somebody else ${namesakes.length === 1 ? 'has' : 'have'} the same display name, left alone`
        : undefined,
    )
  },
  async apply({ settings, directory }) {
    const deleted = await directory.deletedApplication(settings.identity)
    if (deleted) await directory.restoreApplication(deleted.objectId)
    else
      await directory.createApplication({
        uniqueName: settings.identity,
        displayName: settings.identity,
        tags,
      })
  },
  remove: ({ directory }, found) =>
    found.state === 'absent' ? Promise.resolve() : directory.removeApplication(found.out.ref!),
})
