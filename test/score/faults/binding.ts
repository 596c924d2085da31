import { type BoundAccount, bindIdentity, bindingPath, roleName } from '../bind-identity.ts'
import { deploymentIn, deploymentsPath } from '../deployment.ts'
import { clusterPath, type Fixture, type SeededFault } from '../fault.ts'
import { waitForRollout } from '../rolled-out.ts'

/** Replaces the workload's federated credential by an identity binding of AKS. */
async function replaceByBinding({ apis, settings, outputs, ...fixture }: Fixture): Promise<BoundAccount> {
  const { namespace, serviceAccount: account } = settings
  const identity = `/resourceGroups/${settings.resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${settings.identity}`
  const { id, properties } = await apis.arm('GET', identity)
  const bound = {
    apis,
    clusterPath: clusterPath({ apis, settings, outputs, ...fixture }),
    identityId: id,
    clientId: properties.clientId,
    namespace,
    account,
  }
  await apis.arm('DELETE', `${identity}/federatedIdentityCredentials/${outputs.credential}`)
  await apis.kube('DELETE', `/apis/apps/v1/namespaces/${namespace}/deployments/vault-reader`)
  await bindIdentity(bound)
  return bound
}

const common = {
  fixture: 'managed',
  aksOnly: 'identity bindings are a feature of AKS',
  args: () => ['--no-sample'],
  // The credential and the sample of the set-up are gone.
  discardFixture: true,
} as const

/** Replaces the pod that opts in by a Deployment whose pods don't. */
async function withoutOptIn(fixture: Fixture): Promise<void> {
  await replaceByBinding(fixture)
  await fixture.kube('DELETE', `/api/v1/namespaces/${fixture.settings.namespace}/pods/bound`)
  const object = deploymentIn(fixture, 'bound')
  await fixture.kube('POST', deploymentsPath(fixture), object)
  await waitForRollout(fixture.kube, `${deploymentsPath(fixture)}/bound`)
}

/** Faults of identity bindings. */
export const bindingFaults: SeededFault[] = [
  {
    ...common,
    code: 'WI116',
    description: 'a workload whose identity binding was deleted',
    api: 'Resource Manager',
    async seed(fixture) {
      await fixture.apis.arm('DELETE', bindingPath(await replaceByBinding(fixture)))
    },
  },
  {
    ...common,
    code: 'WI117',
    description: 'a bound workload whose ClusterRoleBinding was deleted',
    api: 'Kubernetes',
    async seed(fixture) {
      const name = roleName(await replaceByBinding(fixture))
      await fixture.kube('DELETE', `/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${name}`)
    },
  },
  {
    ...common,
    code: 'WI124',
    description: 'a bound workload whose pods lack the annotation',
    api: 'Kubernetes',
    seed: withoutOptIn,
  },
  {
    ...common,
    code: 'WI117',
    description: 'a bound workload whose role names another identity',
    api: 'Kubernetes',
    async seed(fixture) {
      const name = roleName(await replaceByBinding(fixture))
      await fixture.kube('PATCH', `/apis/rbac.authorization.k8s.io/v1/clusterroles/${name}`, {
        rules: [
          {
            apiGroups: ['cid.wi.aks.azure.com'],
            resources: ['11111111-2222-4333-8444-555555555555'],
            verbs: ['use-managed-identity'],
          },
        ],
      })
    },
  },
]
