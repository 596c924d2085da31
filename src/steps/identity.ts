import { ActionRequiredError } from '../base/action-required.ts'
import type { Application } from '../clients/directory.ts'
import { absent, nothingToRemove, notManaged, removable, retained, step } from '../engine/step.ts'
import { isGuid } from '../settings/rules.ts'
import { revokeEarlierAccess } from './grants.ts'

/** The workload's identity in Microsoft Entra, of either kind. */
export interface Identity {
  kind: 'app' | 'managed'
  /** Object ID of the application, or name of the managed identity. */
  ref: string
  /** Resource group of a managed identity. */
  group?: string
  /** Subscription of a managed identity. */
  subscription?: string
  clientId: string
  /** Of a managed identity; an application's is the service principal's. */
  principalId: string | undefined
}

const tags = ['managed-by:wi-setup']

/** An app registration, found by its unique name (created by us) or its client ID (anyone's), never by display name. */
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
        `No application in this tenant has the client ID ${identity}`,
        'Set --identity to the client ID of an existing application, or to a name for a new one',
      )
    if (await directory.deletedApplication(identity)) return absent('restores the deleted application')
    const namesakes = await directory.applicationsNamed(identity)
    return absent(
      namesakes.length
        ? `${namesakes.length === 1 ? '1 other application has' : `${namesakes.length} other applications have`} the same display name`
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
  confirmedByName: ({ purge }) => purge,
  async removability({ settings, directory, purge }) {
    const { identity } = settings
    const byId = isGuid(identity)
    const found = await (byId ? directory.applicationByClientId(identity) : directory.application(identity))
    const out = (of: Application) => ({ kind: 'app' as const, ref: of.objectId, clientId: of.clientId })
    const isOwned = (application: Application) => tags.every((tag) => application.tags.includes(tag))
    if (!found) {
      const deleted = purge && !byId ? await directory.deletedApplication(identity) : undefined
      return deleted && isOwned(deleted)
        ? removable(out(deleted), 'permanently deletes the soft-deleted application')
        : nothingToRemove
    }
    if (!isOwned(found)) return retained(out(found), notManaged)
    if (found.keys)
      return retained(
        out(found),
        `it also has ${found.keys} ${found.keys === 1 ? 'password or certificate' : 'passwords or certificates'}`,
      )
    return removable(out(found), purge ? 'permanently' : 'can be restored for 30 days')
  },
  async remove({ settings, directory, roles, purge }, { ref, clientId }) {
    const principal = clientId === undefined ? undefined : await directory.servicePrincipal(clientId)
    if (principal) await revokeEarlierAccess({ roles }, settings.vaultSubscription, principal.objectId)
    await directory.removeApplication(ref!)
    if (!purge) return
    const deleted = await directory.deletedApplication(settings.identity)
    if (deleted?.objectId === ref) await directory.purgeApplication({ objectId: ref!, clientId: clientId! })
  },
})
