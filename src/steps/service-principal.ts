import { absent, compared, step } from '../engine/step.ts'
import { appRegistration } from './identity.ts'

export interface Principal {
  /** The object id that roles and policies are given to. */
  principalId: string
}

/** The application's presence in the tenant. A managed identity brings its own. */
export const servicePrincipal = step<Principal>()({
  id: 'service-principal',
  title: 'service principal',
  command: 'identity',
  uses: ['identity'],
  needs: { identity: appRegistration },
  label: (settings) => settings.identity,
  async inspect({ directory, identity }) {
    if (!identity.clientId) return absent(identity.kind === 'managed' ? 'comes with the identity' : undefined)
    if (identity.kind === 'managed')
      return { state: 'ready', out: { principalId: identity.principalId! }, owned: false }
    const found = await directory.servicePrincipal(identity.clientId)
    if (!found) return absent()
    return compared({ principalId: found.objectId }, found.tags.includes('managed-by:wi-setup'), [])
  },
  async apply({ directory, identity }) {
    if (identity.kind === 'app')
      await directory.createServicePrincipal({ clientId: identity.clientId, tags: ['managed-by:wi-setup'] })
  },
})
