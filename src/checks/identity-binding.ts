import { az, inSequence, instruction, kubectl, piped } from '../base/command.ts'
import type { Clients } from '../clients/clients.ts'
import type { CheckContext } from '../engine/check.ts'
import { check, couldNotRun, fail, pass } from '../engine/check.ts'
import type { Settings } from '../settings/settings.ts'
import { identitiesOf } from '../steps/credentials.ts'
import { type BoundWorkload, bindingPermission, findBoundWorkload } from '../steps/identity-binding.ts'
import type { ClusterApi } from './cluster.ts'
import { identityExists } from './identity.ts'
import { byExchange, exchangeToken, type WorkloadSource } from './proof.ts'
import { proofNeeds } from './proof-needs.ts'

type BoundContext = {
  settings: Pick<Settings, 'namespace' | 'serviceAccount' | 'audience'>
  api: ClusterApi
  account: WorkloadSource
} & Pick<CheckContext<never, Record<never, never>>, 'once'> &
  Pick<Clients, 'cloud' | 'entra'>

/** Returns how the workload is bound to its identity, once per round. If Entra accepts its own token, only its pods decide. */
export const boundWorkload = (ctx: BoundContext): Promise<BoundWorkload | undefined> =>
  ctx.once('identity binding', async () => {
    const { settings, api, account } = ctx
    const podsOnly = 'exchange' in (await exchangeToken(ctx))
    const { namespace, serviceAccount } = settings
    return findBoundWorkload(api, { namespace, serviceAccount, clientId: account.clientId }, { podsOnly })
  })

/** For `overruledBy`: the checks of a credential that a bound workload doesn't need. */
export const byExchangeOrBinding = async (ctx: BoundContext): Promise<string | undefined> =>
  (await byExchange(ctx)) ??
  ((await boundWorkload(ctx)) &&
    'The workload needs no credential of its own: it uses an identity binding of AKS')

export const identityBound = check()({
  code: 'WI116',
  title: 'Pods that use an identity binding have one for their identity',
  link: 'credential',
  uses: ['clusterResourceGroup', 'cluster', 'namespace', 'serviceAccount', 'audience'],
  needs: { identity: identityExists, ...proofNeeds },
  async run(ctx) {
    const { settings, identity } = ctx
    const bound = await boundWorkload(ctx)
    if (!bound) return pass(true as const)
    if (bound.binding === 'unknown') return couldNotRun("you can't read the cluster's identity bindings")
    if (bound.binding) return pass(true as const, `identity binding ${bound.binding.name}`)
    const detail = `The pods of ${settings.namespace}/${settings.serviceAccount} use an identity binding, but AKS cluster ${settings.cluster} has none for the identity with client ID ${identity.clientId}`
    if (identity.kind === 'app')
      return fail({
        detail: `${detail}. Only managed identities can be bound, and this one is an app registration`,
        remedy: instruction`Set the client ID annotation of the service account to that of a managed identity, or remove the annotation azure.workload.identity/use-identity-binding from its pods`,
      })
    const found = await identitiesOf(ctx, identity).get(identity.group!, identity.ref)
    return fail({
      detail,
      is: '(none)',
      should: `an identity binding for ${identity.ref}`,
      remedy: az('aks identity-binding create', {
        'resource-group': settings.clusterResourceGroup,
        'cluster-name': settings.cluster,
        name: `${settings.namespace}-${settings.serviceAccount}`.slice(0, 63),
        'managed-identity-resource-id': found?.id,
      }),
    })
  },
})

export const boundIdentityAllowed = check()({
  code: 'WI117',
  title: 'Pods that use an identity binding may use their identity',
  link: 'credential',
  uses: ['namespace', 'serviceAccount', 'audience'],
  needs: { bound: identityBound, identity: identityExists, ...proofNeeds },
  async run(ctx) {
    const { settings, identity } = ctx
    const { namespace, serviceAccount } = settings
    const bound = await boundWorkload(ctx)
    if (!bound) return pass(true as const)
    if (bound.allowed === undefined) return couldNotRun("you can't create subject access reviews")
    if (bound.allowed) return pass(true as const)
    return fail({
      detail: `The service account ${namespace}/${serviceAccount} may not use the bound identity, so AKS refuses its pods a token (status 403)`,
      is: 'not allowed',
      should: `verb use-managed-identity on ${identity.clientId} (API group cid.wi.aks.azure.com)`,
      remedy: grantIdentity(`${namespace}:${serviceAccount}`, identity.clientId),
    })
  },
})

/** Returns the commands that let a service account use a bound identity, also if a role or binding of the name exists. */
function grantIdentity(account: string, clientId: string) {
  const role = `use-identity-${account.replace(':', '-')}`
  const { verb, group, resource } = bindingPermission(clientId)
  const rules = [{ apiGroups: [group], resources: [resource], verbs: [verb] }]
  // The value of this flag is optional, so it can't be an argument of its own.
  const draft = '--dry-run=client'
  const apply = kubectl(['apply'], { filename: '-' })
  return inSequence(
    piped(
      // kubectl only creates roles for resources that the API server serves, and no client ID is one of them.
      kubectl(['create', 'clusterrole', role, draft], { verb, resource: 'serviceaccounts', output: 'json' }),
      kubectl(['patch'], {
        local: true,
        filename: '-',
        type: 'json',
        patch: JSON.stringify([{ op: 'replace', path: '/rules', value: rules }]),
        output: 'json',
      }),
      apply,
    ),
    piped(
      kubectl(['create', 'clusterrolebinding', role, draft], {
        clusterrole: role,
        serviceaccount: account,
        output: 'json',
      }),
      apply,
    ),
  )
}
