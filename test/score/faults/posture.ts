import { useKey } from '../../support/workloads/healthy.ts'
import { deploymentIn, deploymentsPath } from '../deployment.ts'
import {
  accountPath,
  annotateAccount,
  applicationPath,
  credentialsPath,
  type Fixture,
  type SeededFault,
  sandboxOf,
  vaultPath,
} from '../fault.ts'
import { assignRole } from '../restricted-caller.ts'
import { waitForRollout } from '../rolled-out.ts'

const rbac = 'rbac.authorization.k8s.io'
const contributor = 'b24988ac-6180-42a0-ab88-20f7382dd24c'
const officer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'

const bind = ({ kube, settings }: Fixture, name: string, role: string, subjects: object[]) =>
  kube('POST', `/apis/${rbac}/v1/namespaces/${settings.namespace}/rolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
    subjects,
  })

const principalOf = async ({ apis, outputs }: Fixture) =>
  (await apis.graph('GET', `/servicePrincipals(appId='${outputs.clientId}')`)).id as string

/** What lets others at it, on a set-up that leaves nothing open. */
const left = {
  none: 'every set-up of ours leaves it so, and says why',
}

const level = 'pod-security.kubernetes.io/enforce'

/** Lets the vault go by access policies, with one for the identity. */
const policies = async (scene: Fixture, secrets: string[]) =>
  scene.apis.arm('PATCH', vaultPath(scene), {
    properties: {
      enableRbacAuthorization: false,
      accessPolicies: [
        { tenantId: scene.settings.tenant, objectId: await principalOf(scene), permissions: { secrets } },
      ],
    },
  })

const seeds: Omit<SeededFault, 'args'>[] = [
  {
    code: 'WI841',
    description: 'the identity is Contributor of the resource group',
    api: 'Resource Manager',
    seed: async (scene) =>
      assignRole(
        scene,
        `/resourceGroups/${scene.settings.resourceGroup}`,
        contributor,
        await principalOf(scene),
      ),
  },
  {
    code: 'WI841',
    description: 'the identity may write secrets, too',
    api: 'Resource Manager',
    seed: async (scene) => assignRole(scene, vaultPath(scene), officer, await principalOf(scene)),
  },
  {
    code: 'WI843',
    description: 'a pipeline is trusted, too',
    api: 'Graph',
    seed: async (scene) =>
      scene.apis.graph('POST', await credentialsPath(scene), {
        name: 'pipeline',
        issuer: 'https://token.actions.githubusercontent.com',
        subject: 'repo:shop/checkout:ref:refs/heads/main',
        audiences: ['api://AzureADTokenExchange'],
      }),
  },
  {
    code: 'WI844',
    description: 'a password is left on the app registration',
    api: 'Graph',
    seed: (scene) => scene.apis.graph('POST', `${applicationPath(scene)}/addPassword`, {}),
  },
  {
    code: 'WI845',
    description: 'the app registration has another owner',
    api: 'Graph',
    seed: async (scene) =>
      scene.apis.graph('POST', `${applicationPath(scene)}/owners/$ref`, {
        '@odata.id': `${sandboxOf(scene).sandbox.simulator.addresses.graph}/v1.0/directoryObjects/${await principalOf(scene)}`,
      }),
  },
  {
    code: 'WI846',
    description: 'a permission of another API was granted',
    api: 'Graph',
    async seed(scene) {
      const principalId = await principalOf(scene)
      const { value } = await scene.apis.graph('GET', '/servicePrincipals')
      const { id } = value.find((each: { id: string }) => each.id !== principalId)
      await scene.apis.graph('POST', `/servicePrincipals/${principalId}/appRoleAssignments`, {
        principalId,
        resourceId: id,
        appRoleId: '7ab1d382-f21e-4acd-a863-ba3e13f7da61',
      })
    },
  },
  {
    code: 'WI811',
    description: 'the service account puts a token of the API into its pods',
    api: 'Kubernetes',
    seed: (scene) => scene.kube('PATCH', accountPath(scene), { automountServiceAccountToken: true }),
  },
  {
    code: 'WI812',
    description: 'a Deployment runs as default, with a token of the API',
    api: 'Kubernetes',
    discardFixture: true,
    async seed(scene) {
      const object = deploymentIn(scene, 'plain')
      const { metadata, spec } = object.spec.template
      delete metadata.labels[useKey]
      delete spec.automountServiceAccountToken
      spec.serviceAccountName = 'default'
      await scene.kube('POST', deploymentsPath(scene), object)
      await waitForRollout(scene.kube, `${deploymentsPath(scene)}/plain`)
    },
  },
  {
    code: 'WI814',
    description: 'the sample was tried out, and is still there',
    api: { none: 'our own word makes it' },
    discardFixture: true,
    seed: async ({ environment, cwd }) => {
      const ran = await environment.run(['sample', ...environment.cloud, '--yes'], { cwd })
      if (ran.code !== 0) throw new Error(ran.stderr)
    },
  },
  {
    code: 'WI816',
    description: 'the workload is in the default namespace',
    fixture: 'shared',
    api: { none: 'it is what was asked for' },
    discardFixture: true,
    seed: async () => {},
    // The set-up gives the right to write secrets again, and lets the old trust stand.
    alsoReported: ['WI835', 'WI843'],
  },
  {
    code: 'WI831',
    description: 'deleted things may be purged',
    fixture: 'unpurged',
    api: left,
    seed: async () => {},
  },
  {
    code: 'WI833',
    description: 'the vault is open to every address',
    api: 'Resource Manager',
    seed: (scene) =>
      scene.apis.arm('PATCH', vaultPath(scene), { properties: { networkAcls: { defaultAction: 'Allow' } } }),
    // From where the pods go out is for a person to know.
    manualRemedy: (scene) =>
      scene.apis.arm('PATCH', vaultPath(scene), {
        properties: {
          networkAcls: {
            defaultAction: 'Deny',
            bypass: 'AzureServices',
            ipRules: [{ value: `${scene.environment.address}/32` }],
          },
        },
      }),
  },
  {
    code: 'WI834',
    description: 'the vault goes by access policies',
    api: 'Resource Manager',
    seed: (scene) => policies(scene, ['get', 'list']),
    // The role that is there already is not wanted with policies.
    alsoReported: ['WI841'],
    // Its users have their roles already.
    manualRemedy: (scene) =>
      scene.apis.arm('PATCH', vaultPath(scene), { properties: { enableRbacAuthorization: true } }),
  },
  {
    code: 'WI837',
    description: 'the access policy lets the workload write secrets',
    api: 'Resource Manager',
    discardFixture: true,
    seed: (scene) => policies(scene, ['get', 'list', 'set']),
    alsoReported: ['WI834', 'WI841'],
  },
  {
    code: 'WI836',
    description: 'the new version of the secret has no end',
    api: 'Key Vault',
    seed: ({ apis, settings }) =>
      apis.vault(settings.vault)('PUT', `/secrets/${settings.secret}`, { value: 'renewed' }),
  },
  {
    code: 'WI842',
    description: "another workload's secret is in the vault",
    api: 'Key Vault',
    seed: ({ apis, settings }) => apis.vault(settings.vault)('PUT', '/secrets/other', { value: 'x' }),
    // Which of the two gets another vault is for a person to say.
    manualRemedy: async ({ apis, settings }) => {
      await apis.vault(settings.vault)('DELETE', '/secrets/other')
    },
  },
  {
    code: 'WI813',
    description: 'tokens that last a day',
    api: 'Kubernetes',
    seed: (scene) =>
      annotateAccount(scene, { 'azure.workload.identity/service-account-token-expiration': '86400' }),
  },
  {
    code: 'WI815',
    description: 'the namespace enforces no Pod Security Standard',
    api: 'Kubernetes',
    seed: ({ kube, settings }) =>
      kube('PATCH', `/api/v1/namespaces/${settings.namespace}`, {
        metadata: { labels: { [level]: null } },
      }),
  },
  {
    code: 'WI821',
    description: 'every pod of the namespace may edit it',
    api: 'Kubernetes',
    seed: (scene) =>
      bind(scene, 'all', 'edit', [
        { kind: 'Group', apiGroup: rbac, name: `system:serviceaccounts:${scene.settings.namespace}` },
      ]),
  },
  {
    code: 'WI821',
    description: 'a service account among people is administrator',
    api: 'Kubernetes',
    seed: (scene) =>
      bind(scene, 'some', 'admin', [
        { kind: 'User', apiGroup: rbac, name: 'jo' },
        { kind: 'ServiceAccount', name: 'ci', namespace: scene.settings.namespace },
      ]),
  },
  {
    code: 'WI835',
    description: 'the right to write secrets is left behind',
    api: 'Resource Manager',
    discardFixture: true,
    seed: async (scene) => {
      const { apis } = scene
      const assignments = `${vaultPath(scene)}/providers/Microsoft.Authorization/roleAssignments`
      const { value } = await apis.arm('GET', `${assignments}?api-version=2022-04-01`)
      // In place of the one that was given by hand.
      for (const { name, properties } of value)
        if (properties.description === 'by hand')
          await apis.arm('DELETE', `${assignments}/${name}?api-version=2022-04-01`)
      const { id } = await apis.graph(
        'GET',
        `/servicePrincipals(appId='${sandboxOf(scene).sandbox.state.operator.clientId}')`,
      )
      await assignRole(scene, vaultPath(scene), officer, id, 'Set up secrets, by wi-setup')
    },
  },
]

export const postureFaults: SeededFault[] = seeds.map((each) => ({
  fixture: 'tight',
  ...each,
  args: () => ['--posture'],
}))
