import { ActionRequiredError } from '../base/action-required.ts'
import type { FederatedCredential } from '../clients/directory.ts'
import { absent, compared, differs, nothingToRemove, removable, retained, step } from '../engine/step.ts'
import { cluster } from './cluster.ts'
import {
  credentialName,
  listCredentials,
  partitionCredentials,
  serviceAccountSubject,
} from './credentials.ts'
import { appRegistration, type Identity } from './identity.ts'

const limit = 20

/** Makes the identity trust the service account's tokens: issuer, subject and audience. */
export const federatedCredential = step<FederatedCredential>()({
  id: 'federated-credential',
  title: 'federated credential',
  command: 'federate',
  uses: ['namespace', 'serviceAccount', 'audience', 'identityKind', 'resourceGroup'],
  needs: { identity: appRegistration, cluster },
  label: (settings) => `wi-${settings.namespace}-${settings.serviceAccount}`,
  actionsToApply: ({ identityKind, resourceGroup: group }) =>
    identityKind === 'managed'
      ? [
          {
            action: 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write',
            group,
          },
        ]
      : [],
  actionsToRemove: ({ identityKind, resourceGroup: group }) =>
    identityKind === 'managed'
      ? [
          {
            action: 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/delete',
            group,
          },
        ]
      : [],
  async inspect(ctx) {
    const { settings, identity, cluster } = ctx
    const subject = serviceAccountSubject(settings)
    const want = { subject, issuer: cluster.issuer, audience: settings.audience }
    const details: [string, string][] = [
      ...(want.issuer ? [['issuer', want.issuer] as [string, string]] : []),
      ['subject', subject],
    ]
    if (!identity.ref || !want.issuer) return absent(undefined, details)
    const all = await listCredentials(ctx, identity as Identity)
    const name = credentialName(settings, want.issuer)
    const found =
      all.find((each) => each.issuer === want.issuer && each.subject === subject) ??
      all.find((each) => each.name === name)
    const others = new Set(all.map((each) => each.subject).filter((each) => each !== subject)).size
    const shared = others
      ? `the identity also trusts ${others} other ${others === 1 ? 'subject' : 'subjects'}`
      : undefined
    if (!found) {
      if (all.length >= limit)
        throw new ActionRequiredError(
          `The identity already has ${all.length} federated credentials, the maximum in Microsoft Entra`,
          'Delete one that is no longer used, or use another identity for this workload with --identity',
        )
      const stale = all.filter((each) => each.subject === subject).length
      return absent(
        stale ? `${stale} for another issuer ${stale === 1 ? 'is' : 'are'} left unchanged` : shared,
        details,
      )
    }
    return compared(
      found,
      found.name === name,
      [
        differs('issuer', found.issuer, want.issuer),
        differs('subject', found.subject, subject),
        differs('audience', found.audience, settings.audience),
      ],
      shared,
    )
  },
  async apply(ctx, found) {
    const { settings, identity, cluster } = ctx
    const credential = {
      name: found.state === 'drifted' ? found.out.name! : credentialName(settings, cluster.issuer),
      issuer: cluster.issuer,
      subject: serviceAccountSubject(settings),
      audience: settings.audience,
    }
    if (identity.kind === 'app') await ctx.directory.putCredential(identity.ref, credential)
    else await ctx.identities.putCredential(identity.group!, identity.ref, credential)
  },
  within: () => 'identity',
  standalone: true,
  async removability(ctx) {
    const { identity, cluster } = ctx
    if (!identity.ref) return nothingToRemove
    const { mine, others } = await partitionCredentials(ctx, identity as Identity, cluster.issuer)
    const [credential, ...duplicates] = mine
    const retainsContainer = others.length
      ? `it has ${others.length} other federated ${others.length === 1 ? 'credential' : 'credentials'}`
      : undefined
    if (!credential) return { state: 'absent', retainsContainer }
    if (duplicates.length)
      return retained(
        credential,
        `any of ${mine.map(({ name }) => name).join(', ')} may be this cluster's; without its issuer, wi-setup can't tell`,
      )
    return removable(credential, undefined, retainsContainer)
  },
  async remove({ identity, directory, identities }, { name }) {
    if (identity.kind === 'app') await directory.removeCredential(identity.ref, name!)
    else await identities.removeCredential(identity.group!, identity.ref, name!)
  },
})
