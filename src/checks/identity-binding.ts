import { instruction } from '../base/command.ts'
import type { Clients } from '../clients/clients.ts'
import type { KubeObject } from '../clients/kubernetes.ts'
import type { AdditionalFinding, CheckContext } from '../engine/check.ts'
import { check, couldNotRun, fail, notApplicable, pass } from '../engine/check.ts'
import type { Settings } from '../settings/settings.ts'
import { identitiesOf } from '../steps/credentials.ts'
import {
  type BoundWorkload,
  bindIdentity,
  bindingAnnotation,
  findBoundWorkload,
  grantIdentity,
  optsIn,
  runsAs,
} from '../steps/identity-binding.ts'
import { ifForbidden } from '../steps/installed-webhook.ts'
import type { ClusterApi } from './cluster.ts'
import { identityExists } from './identity.ts'
import { byExchange, exchangeToken, type WorkloadSource } from './proof.ts'
import { proofNeeds } from './proof-needs.ts'
import { getWorkloads, isTerminated } from './workloads/cluster-workloads.ts'
import { remedyFor } from './workloads/remedy.ts'
import { inTemplate } from './workloads/rule.ts'
import { verdictOf } from './workloads/verdict.ts'
import { type Workload, workloadTitle } from './workloads/workload.ts'

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
    if (!bound) return notApplicable
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
      remedy: bindIdentity(settings, found?.id),
    })
  },
})

export const boundIdentityAllowed = check()({
  code: 'WI117',
  title: 'Pods that use an identity binding may use their identity',
  link: 'credential',
  uses: ['namespace', 'serviceAccount', 'audience'],
  needs: { identity: identityExists, ...proofNeeds },
  async run(ctx) {
    const { settings, identity } = ctx
    const { namespace, serviceAccount } = settings
    const bound = await boundWorkload(ctx)
    if (!bound) return notApplicable
    if (bound.allowed === undefined) return couldNotRun("you can't create subject access reviews")
    if (bound.allowed) return pass(true as const)
    return fail({
      detail: `The service account ${namespace}/${serviceAccount} may not use the bound identity, so AKS refuses its pods a token (status 403)`,
      is: 'not allowed',
      should: `verb use-managed-identity on ${identity.clientId} (API group cid.wi.aks.azure.com)`,
      remedy: grantIdentity(settings, identity.clientId),
    })
  },
})

export const podsOptIn = check()({
  code: 'WI124',
  title: 'Pods of a bound workload opt in to the identity binding',
  link: 'credential',
  uses: ['namespace', 'serviceAccount', 'audience'],
  needs: { identity: identityExists, ...proofNeeds },
  async run(ctx) {
    const { settings, api, identity } = ctx
    const { namespace, serviceAccount } = settings
    // Pods whose own token is accepted need no binding.
    if ((await byExchange(ctx)) || !(await boundWorkload(ctx))) return notApplicable
    const pods = (await api.kube.list('Pod', namespace).catch(ifForbidden<KubeObject[]>([]))).filter(
      (pod) => !isTerminated(pod) && runsAs(pod, serviceAccount),
    )
    if (pods.length === 0) return notApplicable
    const without = pods.filter((pod) => !optsIn(pod))
    const names = without.map(({ metadata }) => ({ kind: 'Pod' as const, name: metadata.name }))
    const workloads = (await getWorkloads(api.kube, namespace, names)).filter((each) => each !== undefined)
    const distinct = new Map(workloads.map((each) => [workloadTitle(each), each]))
    return verdictOf(
      [...distinct].map(([title, workload]) => missingOptIn(title, workload, identity.clientId)),
    )
  },
})

function missingOptIn(title: string, workload: Workload, clientId: string): AdditionalFinding {
  const annotations = { [bindingAnnotation]: 'true' }
  return {
    status: 'fail',
    detail: `${title}: the identity with client ID ${clientId} is bound, but the pods lack the annotation ${bindingAnnotation}, so they ask Entra for a token instead of AKS (Entra: AADSTS700211)`,
    is: '(none)',
    should: `${bindingAnnotation}: "true"`,
    workload: `${workload.kind}/${workload.name}`,
    remedy: remedyFor(workload, {
      detail: '',
      field: inTemplate(workload, 'metadata', 'annotations'),
      edit: `add ${bindingAnnotation}: "true"`,
      change: { template: { metadata: { annotations } } },
    }),
  }
}
