import { createHash } from 'node:crypto'
import type { FederatedCredential } from '../clients/directory.ts'
import { absent, compared, differs, step } from '../engine/step.ts'
import { Refusal } from '../refusal.ts'
import type { Settings } from '../settings/settings.ts'
import { cluster } from './cluster.ts'
import { appRegistration, type Identity } from './identity.ts'

const limit = 20

export const subjectOf = (settings: Pick<Settings, 'namespace' | 'serviceAccount'>) =>
  `system:serviceaccount:${settings.namespace}:${settings.serviceAccount}`

/** Always the same for one workload of one cluster, so that a lost answer never makes a twin. */
export const credentialName = (settings: Pick<Settings, 'namespace' | 'serviceAccount'>, issuer: string) => {
  const hash = createHash('sha256').update(issuer).digest('hex').slice(0, 8)
  const stem = `wi-${settings.namespace}-${settings.serviceAccount}`.replaceAll('.', '-').slice(0, 111)
  return `${stem}-${hash}`
}

/** The trust between the service account's tokens and the identity: issuer, subject, audience. */
export const federatedCredential = step<FederatedCredential>()({
  id: 'federated-credential',
  title: 'federated credential',
  command: 'federate',
  uses: ['namespace', 'serviceAccount', 'audience', 'identityKind', 'resourceGroup'],
  needs: { identity: appRegistration, cluster },
  label: (settings) => `wi-${settings.namespace}-${settings.serviceAccount}`,
  rights: ({ identityKind, resourceGroup: group }) =>
    identityKind === 'managed'
      ? [
          {
            action: 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write',
            group,
          },
        ]
      : [],
  async inspect(ctx) {
    const { settings, identity, cluster } = ctx
    const subject = subjectOf(settings)
    const want = { subject, issuer: cluster.issuer, audience: settings.audience }
    const details: [string, string][] = [
      ...(want.issuer ? [['issuer', want.issuer] as [string, string]] : []),
      ['subject', subject],
    ]
    if (!identity.ref || !want.issuer) return absent(undefined, details)
    const all = await credentialsOf(ctx, identity as Identity)
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
        throw new Refusal(
          `The identity already has ${all.length} federated credentials, and Entra allows ${limit}`,
          `Remove one that is no longer used, or give this workload an identity of its own with --identity`,
        )
      const stale = all.filter((each) => each.subject === subject).length
      return absent(stale ? `${stale} of another issuer ${stale === 1 ? 'is' : 'are'} kept` : shared, details)
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
      subject: subjectOf(settings),
      audience: settings.audience,
    }
    if (identity.kind === 'app') await ctx.directory.putCredential(identity.ref, credential)
    else await ctx.identities.putCredential(settings.resourceGroup, identity.ref, credential)
  },
  async remove({ settings, identity, directory, identities }, found) {
    if (found.state === 'absent') return
    if (identity.kind === 'app') await directory.removeCredential(identity.ref, found.out.name!)
    else await identities.removeCredential(settings.resourceGroup, identity.ref, found.out.name!)
  },
})

/** The credentials of either kind of identity. */
export const credentialsOf = (
  ctx: Pick<import('../clients/clients.ts').Clients, 'directory' | 'identities'> & {
    settings: Pick<Settings, 'resourceGroup'>
  },
  identity: Pick<Identity, 'kind' | 'ref'>,
) =>
  identity.kind === 'app'
    ? ctx.directory.credentials(identity.ref)
    : ctx.identities.credentials(ctx.settings.resourceGroup, identity.ref)
