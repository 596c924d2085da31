import { ActionRequiredError } from '../base/action-required.ts'
import type { Application } from '../clients/directory.ts'
import { absent, nothingToRemove, notManaged, removable, retained, step } from '../engine/step.ts'
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
      throw new ActionRequiredError(
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
  cascades: true,
  async removability({ settings, directory, purge }) {
    const { identity } = settings
    const byId = isGuid(identity)
    const found = await (byId ? directory.applicationByClientId(identity) : directory.application(identity))
    const out = (of: Application) => ({ kind: 'app' as const, ref: of.objectId, clientId: of.clientId })
    const mine = (of: Application) => tags.every((tag) => of.tags.includes(tag))
    if (!found) {
      const deleted = purge && !byId ? await directory.deletedApplication(identity) : undefined
      return deleted && mine(deleted)
        ? removable(out(deleted), 'the deleted one ends for good')
        : nothingToRemove
    }
    if (!mine(found)) return retained(out(found), notManaged)
    if (found.keys)
      return retained(
        out(found),
        `it signs in with ${found.keys} ${found.keys === 1 ? 'password or certificate' : 'passwords or certificates'}, too`,
      )
    return removable(out(found), purge ? 'ends for good' : 'can be restored for 30 days')
  },
  async remove({ settings, directory, purge }, { ref, clientId }) {
    await directory.removeApplication(ref!)
    if (!purge) return
    const deleted = await directory.deletedApplication(settings.identity)
    if (deleted?.objectId === ref) await directory.purgeApplication({ objectId: ref!, clientId: clientId! })
  },
})
