import { ActionRequiredError } from '../base/action-required.ts'
import { az, instruction, type Remedy } from '../base/command.ts'
import { equalsIgnoreCase } from '../clients/azure/resource-id.ts'
import type { Clients } from '../clients/clients.ts'
import type { FederatedCredential } from '../clients/directory.ts'
import type { Connection } from '../clients/kubernetes.ts'
import { absent, compared, differs, nothingToRemove, removable, retained, step } from '../engine/step.ts'
import type { Settings } from '../settings/settings.ts'
import { cluster } from './cluster.ts'
import {
  acceptsSubject,
  credentialActions,
  credentialName,
  identitiesOf,
  isManagedCredential,
  listCredentials,
  partitionCredentials,
  plannedCredential,
  putCredential,
  removeCredential,
  serviceAccountSubject,
  shownSubject,
} from './credentials.ts'
import { findDeadCredentials } from './dead-credentials.ts'
import { appRegistration, type Identity } from './identity.ts'
import { bindingCredential, findBoundWorkload, useBinding } from './identity-binding.ts'
import { credentialUser, otherAccountsOf } from './identity-users.ts'
import { usedBy } from './other-owners.ts'

/** Entra's limit of federated credentials per identity. */
export const credentialLimit = 20

/** Makes the identity trust the service account's tokens: issuer, subject and audience. */
export const federatedCredential = step<FederatedCredential>()({
  id: 'federated-credential',
  title: 'federated credential',
  command: 'federate',
  uses: [
    'namespace',
    'serviceAccount',
    'audience',
    'identityKind',
    'identityResourceGroup',
    'identitySubscription',
  ],
  needs: { identity: appRegistration, cluster },
  label: (settings) => `wi-${settings.namespace}-${settings.serviceAccount}`,
  actionsToApply: (settings) => credentialActions(settings, 'write'),
  actionsToRemove: (settings) => credentialActions(settings, 'delete'),
  newResource: (settings, { cluster }) =>
    plannedCredential(settings, { issuer: cluster.issuer, subject: serviceAccountSubject(settings) }),
  async inspect(ctx) {
    const { settings, identity, cluster } = ctx
    const subject = serviceAccountSubject(settings)
    const want = { subject, issuer: cluster.issuer, audience: settings.audience }
    const details: [string, string][] = [
      ...(want.issuer ? [['issuer', want.issuer] as [string, string]] : []),
      ['subject', subject],
    ]
    if (!identity.ref) return absent(undefined, details)
    const all = await listCredentials(ctx, identity as Identity)
    if (!want.issuer)
      return absent(undefined, [...details, ...replacedRows(await replacedCredentials(ctx, all))])
    const name = credentialName({ subject, issuer: want.issuer })
    const found =
      all.find((each) => each.issuer === want.issuer && acceptsSubject(each, subject)) ??
      all.find((each) => each.name === name)
    const others = new Set(all.filter((each) => !acceptsSubject(each, subject)).map(shownSubject)).size
    const shared = others
      ? `the identity also trusts ${others} other ${others === 1 ? 'subject' : 'subjects'}`
      : undefined
    const bound = found ? undefined : await findBinding(ctx)
    if (bound)
      return {
        state: 'ready',
        out: { name: bound, issuer: want.issuer, subject, audience: settings.audience },
        owned: false,
        note: 'not needed: AKS exchanges the tokens by an identity binding',
      }
    if (!found) {
      const replaced = await replacedCredentials(ctx, all)
      if (all.length - replaced.length >= credentialLimit)
        throw await limitReached(ctx, all, () => bindingInstead(ctx, all))
      const stale = all.filter((each) => each.subject === subject && !replaced.includes(each)).length
      return absent(
        stale ? `${stale} for another issuer ${stale === 1 ? 'is' : 'are'} left unchanged` : shared,
        [...details, ...replacedRows(replaced)],
      )
    }
    return compared(
      found,
      found.name === name,
      [
        differs('issuer', found.issuer, want.issuer),
        differs('subject', acceptsSubject(found, subject) ? subject : shownSubject(found), subject),
        differs('audience', found.audience, settings.audience),
      ],
      shared,
    )
  },
  async apply(ctx, found) {
    const { settings, identity, cluster } = ctx
    const tokens = { issuer: cluster.issuer, subject: serviceAccountSubject(settings) }
    const name = found.state === 'drifted' ? found.out.name! : credentialName(tokens)
    if (found.state === 'absent')
      for (const { name } of await replacedCredentials(ctx, await listCredentials(ctx, identity)))
        await removeCredential(ctx, identity, name)
    await putCredential(ctx, identity, { name, ...tokens, audience: settings.audience })
  },
  within: () => 'identity',
  standalone: true,
  async removability(ctx) {
    const { identity, cluster } = ctx
    if (!identity.ref) return nothingToRemove
    const { mine, others } = await partitionCredentials(ctx, identity as Identity, cluster.issuer)
    const [credential, ...duplicates] = mine
    const retainsContainer = usedBy([
      ...others.map((each) => credentialUser(each, cluster.issuer)),
      ...(identity.clientId ? await otherAccountsOf(ctx, identity.clientId) : []),
    ])
    if (!credential) return { state: 'absent', retainsContainer }
    if (duplicates.length)
      return retained(
        credential,
        `any of ${mine.map(({ name }) => name).join(', ')} may be this cluster's; without its issuer, wi-setup can't tell`,
      )
    return removable(credential, undefined, retainsContainer)
  },
  remove: (ctx, { name }) => removeCredential(ctx, ctx.identity as Identity, name!),
})

/** Returns the name of the identity binding through which the workload uses the identity. */
async function findBinding({
  settings: { namespace, serviceAccount },
  identity,
  cluster,
  aksClusters,
  kubernetes,
}: BindableWorkload & Pick<Clients, 'kubernetes'>): Promise<string | undefined> {
  const { connection } = cluster
  if (identity.kind !== 'managed' || connection?.kind !== 'aks') return undefined
  const bound = await findBoundWorkload(
    {
      kube: kubernetes(connection),
      identityBindings: () => aksClusters.identityBindings(connection.group, connection.cluster),
    },
    { namespace, serviceAccount, clientId: identity.clientId! },
  )
  return bound && (typeof bound.binding === 'object' ? bound.binding.name : bindingCredential)
}

type Workload = { settings: Pick<Settings, 'namespace' | 'serviceAccount'> }
type BindableWorkload = Workload & {
  identity: Partial<Identity>
  cluster: { connection?: Connection }
} & Pick<Clients, 'aksClusters'>
type IssuerReader = Pick<Clients, 'aksClusters' | 'issuers'>

/** Returns what wi-setup created for this workload in clusters that no longer exist. */
const replacedCredentials = (ctx: Workload & IssuerReader, all: readonly FederatedCredential[]) =>
  findDeadCredentials(
    ctx,
    all.filter((each) => each.subject === serviceAccountSubject(ctx.settings) && isManagedCredential(each)),
  )

const replacedRows = (credentials: readonly FederatedCredential[]) =>
  credentials.map(({ name }): [string, string] => ['replaces', `${name}, whose issuer no longer exists`])

/** Returns an error that names the credentials of others that nobody uses any more, or else another way out. */
export async function limitReached(
  ctx: IssuerReader,
  all: readonly FederatedCredential[],
  alternative?: () => Promise<Remedy | undefined>,
) {
  const dead = (await findDeadCredentials(ctx, all)).map(({ name }) => name)
  return new ActionRequiredError(
    `The identity already has ${all.length} federated credentials, the maximum in Microsoft Entra`,
    dead.length
      ? `Delete those whose issuer no longer exists: ${dead.join(', ')}`
      : ((await alternative?.()) ??
          'Delete one that is no longer used, or use another identity for this workload with --identity'),
  )
}

/** Returns how the workload gets by without a credential of its own; undefined unless AKS can bind the identity. */
async function bindingInstead(
  ctx: BindableWorkload & Pick<Clients, 'identities' | 'inSubscription'>,
  all: readonly FederatedCredential[],
): Promise<Remedy | undefined> {
  const { settings, identity, cluster, aksClusters } = ctx
  const { connection } = cluster
  if (identity.kind !== 'managed' || connection?.kind !== 'aks') return undefined
  // The binding's own credential needs room, too, but all bindings of the identity share it.
  if (!all.some(({ name }) => name === bindingCredential))
    return instruction`Delete one that is no longer used, or use another identity for this workload with --identity. For more service accounts than that, delete one and use identity bindings of AKS, which share a single credential: see ${az('aks identity-binding create', { help: true })}`
  const found = await identitiesOf(ctx, identity as Identity).get(identity.group!, identity.ref!)
  const clientId = identity.clientId!
  const bindings = await aksClusters.identityBindings(connection.group, connection.cluster)
  const isBound = bindings.some((each) => equalsIgnoreCase(each.clientId, clientId))
  return useBinding(
    { ...settings, clusterResourceGroup: connection.group, cluster: connection.cluster },
    { id: found!.id, clientId, isBound },
  )
}
