import {
  accountPath,
  annotate,
  applicationOf,
  credentialsOf,
  type Fault,
  type Scene,
  vaultPath,
} from '../fault.ts'

const rbac = 'rbac.authorization.k8s.io'
const contributor = 'b24988ac-6180-42a0-ab88-20f7382dd24c'
const officer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'

const assign = (
  { to, settings }: Scene,
  scope: string,
  role: string,
  principalId: string,
  description = '',
) =>
  to.arm(
    'PUT',
    `${scope}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}?api-version=2022-04-01`,
    {
      properties: {
        roleDefinitionId: `/subscriptions/${settings.subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
        principalId,
        principalType: 'ServicePrincipal',
        description,
      },
    },
  )

const bind = ({ kube, settings }: Scene, name: string, role: string, subjects: object[]) =>
  kube('POST', `/apis/${rbac}/v1/namespaces/${settings.namespace}/rolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
    subjects,
  })

const principalOf = async ({ to, made }: Scene) =>
  (await to.graph('GET', `/servicePrincipals(appId='${made.clientId}')`)).id as string

/** What lets others at it, on a set-up that leaves nothing open. */
const seeds: Omit<Fault, 'on' | 'args'>[] = [
  {
    code: 'WI841',
    says: 'the identity is Contributor of the resource group',
    by: 'Resource Manager',
    seed: async (scene) =>
      assign(scene, `/resourceGroups/${scene.settings.resourceGroup}`, contributor, await principalOf(scene)),
  },
  {
    code: 'WI841',
    says: 'the identity may write secrets, too',
    by: 'Resource Manager',
    seed: async (scene) => assign(scene, vaultPath(scene), officer, await principalOf(scene)),
  },
  {
    code: 'WI843',
    says: 'a pipeline is trusted, too',
    by: 'Graph',
    seed: async (scene) =>
      scene.to.graph('POST', await credentialsOf(scene), {
        name: 'pipeline',
        issuer: 'https://token.actions.githubusercontent.com',
        subject: 'repo:shop/checkout:ref:refs/heads/main',
        audiences: ['api://AzureADTokenExchange'],
      }),
  },
  {
    code: 'WI844',
    says: 'a password is left on the app registration',
    by: 'Graph',
    seed: (scene) => scene.to.graph('POST', `${applicationOf(scene)}/addPassword`, {}),
  },
  {
    code: 'WI845',
    says: 'the app registration has another owner',
    by: 'Graph',
    seed: async (scene) =>
      scene.to.graph('POST', `${applicationOf(scene)}/owners/$ref`, {
        '@odata.id': `${scene.at.sandbox.cloud.addresses.graph}/v1.0/directoryObjects/${await principalOf(scene)}`,
      }),
  },
  {
    code: 'WI846',
    says: 'a permission of another API was granted',
    by: 'Graph',
    async seed(scene) {
      const principalId = await principalOf(scene)
      const { value } = await scene.to.graph('GET', '/servicePrincipals')
      const { id } = value.find((each: { id: string }) => each.id !== principalId)
      await scene.to.graph('POST', `/servicePrincipals/${principalId}/appRoleAssignments`, {
        principalId,
        resourceId: id,
        appRoleId: '7ab1d382-f21e-4acd-a863-ba3e13f7da61',
      })
    },
  },
  {
    code: 'WI811',
    says: 'the service account puts a token of the API into its pods',
    by: 'Kubernetes',
    seed: (scene) => scene.kube('PATCH', accountPath(scene), { automountServiceAccountToken: true }),
  },
  {
    code: 'WI813',
    says: 'tokens that last a day',
    by: 'Kubernetes',
    seed: (scene) => annotate(scene, { 'azure.workload.identity/service-account-token-expiration': '86400' }),
  },
  {
    code: 'WI815',
    says: 'the namespace enforces no Pod Security Standard',
    by: 'Kubernetes',
    seed: ({ kube, settings }) =>
      kube('PATCH', `/api/v1/namespaces/${settings.namespace}`, {
        metadata: { labels: { 'pod-security.kubernetes.io/enforce': null } },
      }),
  },
  {
    code: 'WI821',
    says: 'every pod of the namespace may edit it',
    by: 'Kubernetes',
    seed: (scene) =>
      bind(scene, 'all', 'edit', [
        { kind: 'Group', apiGroup: rbac, name: `system:serviceaccounts:${scene.settings.namespace}` },
      ]),
  },
  {
    code: 'WI821',
    says: 'a service account among people is administrator',
    by: 'Kubernetes',
    seed: (scene) =>
      bind(scene, 'some', 'admin', [
        { kind: 'User', apiGroup: rbac, name: 'jo' },
        { kind: 'ServiceAccount', name: 'ci', namespace: scene.settings.namespace },
      ]),
  },
  {
    code: 'WI835',
    says: 'the right to write secrets is left behind',
    by: 'Resource Manager',
    seed: (scene) =>
      assign(
        scene,
        vaultPath(scene),
        officer,
        scene.at.sandbox.world.operator.clientId &&
          Object.values(scene.at.sandbox.world.directory.servicePrincipals).find(
            ({ appId }) => appId === scene.at.sandbox.world.operator.clientId,
          )!.id,
        'Set up secrets, by wi-setup',
      ),
  },
]

export const posture: Fault[] = seeds.map((each) => ({ ...each, on: 'tight', args: () => ['--posture'] }))
