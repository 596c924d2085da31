import { useKey } from '../../support/workloads/healthy.ts'
import { give } from '../caller.ts'
import { deploymentIn, deploymentsOf } from '../deployment.ts'
import {
  accountPath,
  annotate,
  applicationOf,
  credentialsOf,
  type Fault,
  placeOf,
  type Scene,
  vaultPath,
} from '../fault.ts'
import { rolledOut } from '../rolled-out.ts'

const rbac = 'rbac.authorization.k8s.io'
const contributor = 'b24988ac-6180-42a0-ab88-20f7382dd24c'
const officer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'

const bind = ({ kube, settings }: Scene, name: string, role: string, subjects: object[]) =>
  kube('POST', `/apis/${rbac}/v1/namespaces/${settings.namespace}/rolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
    subjects,
  })

const principalOf = async ({ to, made }: Scene) =>
  (await to.graph('GET', `/servicePrincipals(appId='${made.clientId}')`)).id as string

/** What lets others at it, on a set-up that leaves nothing open. */
const left = {
  none: 'every set-up of ours leaves it so, and says why',
}

const level = 'pod-security.kubernetes.io/enforce'

/** Lets the vault go by access policies, with one for the identity. */
const policies = async (scene: Scene, secrets: string[]) =>
  scene.to.arm('PATCH', vaultPath(scene), {
    properties: {
      enableRbacAuthorization: false,
      accessPolicies: [
        { tenantId: scene.settings.tenant, objectId: await principalOf(scene), permissions: { secrets } },
      ],
    },
  })

const seeds: Omit<Fault, 'args'>[] = [
  {
    code: 'WI841',
    says: 'the identity is Contributor of the resource group',
    by: 'Resource Manager',
    seed: async (scene) =>
      give(scene, `/resourceGroups/${scene.settings.resourceGroup}`, contributor, await principalOf(scene)),
  },
  {
    code: 'WI841',
    says: 'the identity may write secrets, too',
    by: 'Resource Manager',
    seed: async (scene) => give(scene, vaultPath(scene), officer, await principalOf(scene)),
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
        '@odata.id': `${placeOf(scene).sandbox.cloud.addresses.graph}/v1.0/directoryObjects/${await principalOf(scene)}`,
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
    code: 'WI812',
    says: 'a Deployment runs as default, with a token of the API',
    by: 'Kubernetes',
    renews: true,
    async seed(scene) {
      const object = deploymentIn(scene, 'plain')
      const { metadata, spec } = object.spec.template
      delete metadata.labels[useKey]
      delete spec.automountServiceAccountToken
      spec.serviceAccountName = 'default'
      await scene.kube('POST', deploymentsOf(scene), object)
      await rolledOut(scene.kube, `${deploymentsOf(scene)}/plain`)
    },
  },
  {
    code: 'WI814',
    says: 'the sample was tried out, and is still there',
    by: { none: 'our own word makes it' },
    renews: true,
    seed: async ({ at, cwd }) => {
      const ran = await at.run(['sample', ...at.cloud, '--yes'], { cwd })
      if (ran.code !== 0) throw new Error(ran.stderr)
    },
  },
  {
    code: 'WI816',
    says: 'the workload is in the default namespace',
    on: 'shared',
    by: { none: 'it is what was asked for' },
    renews: true,
    seed: async () => {},
    // The set-up gives the right to write secrets again, and lets the old trust stand.
    beside: ['WI835', 'WI843'],
  },
  {
    code: 'WI831',
    says: 'deleted things may be purged',
    on: 'unpurged',
    by: left,
    seed: async () => {},
  },
  {
    code: 'WI833',
    says: 'the vault is open to every address',
    by: 'Resource Manager',
    seed: (scene) =>
      scene.to.arm('PATCH', vaultPath(scene), { properties: { networkAcls: { defaultAction: 'Allow' } } }),
    // From where the pods go out is for a person to know.
    instead: (scene) =>
      scene.to.arm('PATCH', vaultPath(scene), {
        properties: {
          networkAcls: {
            defaultAction: 'Deny',
            bypass: 'AzureServices',
            ipRules: [{ value: `${scene.at.address}/32` }],
          },
        },
      }),
  },
  {
    code: 'WI834',
    says: 'the vault goes by access policies',
    by: 'Resource Manager',
    seed: (scene) => policies(scene, ['get', 'list']),
    // The role that is there already is not wanted with policies.
    beside: ['WI841'],
    // Its users have their roles already.
    instead: (scene) =>
      scene.to.arm('PATCH', vaultPath(scene), { properties: { enableRbacAuthorization: true } }),
  },
  {
    code: 'WI837',
    says: 'the access policy lets the workload write secrets',
    by: 'Resource Manager',
    renews: true,
    seed: (scene) => policies(scene, ['get', 'list', 'set']),
    beside: ['WI834', 'WI841'],
  },
  {
    code: 'WI836',
    says: 'the new version of the secret has no end',
    by: 'Key Vault',
    seed: ({ to, settings }) =>
      to.vault(settings.vault)('PUT', `/secrets/${settings.secret}`, { value: 'renewed' }),
  },
  {
    code: 'WI842',
    says: "another workload's secret is in the vault",
    by: 'Key Vault',
    seed: ({ to, settings }) => to.vault(settings.vault)('PUT', '/secrets/other', { value: 'x' }),
    // Which of the two gets another vault is for a person to say.
    instead: async ({ to, settings }) => {
      await to.vault(settings.vault)('DELETE', '/secrets/other')
    },
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
        metadata: { labels: { [level]: null } },
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
    renews: true,
    seed: async (scene) => {
      const { to } = scene
      const assignments = `${vaultPath(scene)}/providers/Microsoft.Authorization/roleAssignments`
      const { value } = await to.arm('GET', `${assignments}?api-version=2022-04-01`)
      // In place of the one that was given by hand.
      for (const { name, properties } of value)
        if (properties.description === 'by hand')
          await to.arm('DELETE', `${assignments}/${name}?api-version=2022-04-01`)
      const { id } = await to.graph(
        'GET',
        `/servicePrincipals(appId='${placeOf(scene).sandbox.world.operator.clientId}')`,
      )
      await give(scene, vaultPath(scene), officer, id, 'Set up secrets, by wi-setup')
    },
  },
]

export const posture: Fault[] = seeds.map((each) => ({ on: 'tight', ...each, args: () => ['--posture'] }))
