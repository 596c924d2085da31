import { kubernetesRules } from '../../../src/checks/kubernetes-rules.ts'
import type { Settings } from '../../../src/settings/settings.ts'
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

const defaultOfSetUp = { none: 'the set-up itself leaves it this way' }

const podSecurityLabel = 'pod-security.kubernetes.io/enforce'

/** Switches the vault to access policies, with one for the identity. */
const useAccessPolicies = async (fixture: Fixture, secrets: string[]) =>
  fixture.apis.arm('PATCH', vaultPath(fixture), {
    properties: {
      enableRbacAuthorization: false,
      accessPolicies: [
        { tenantId: fixture.settings.tenant, objectId: await principalOf(fixture), permissions: { secrets } },
      ],
    },
  })

const seeds: Omit<SeededFault, 'args'>[] = [
  {
    code: 'WI841',
    description: 'the identity is Contributor on the resource group',
    api: 'Resource Manager',
    seed: async (fixture) =>
      assignRole(
        fixture,
        `/resourceGroups/${fixture.settings.resourceGroup}`,
        contributor,
        await principalOf(fixture),
      ),
  },
  {
    code: 'WI841',
    description: 'the identity can also write secrets',
    api: 'Resource Manager',
    seed: async (fixture) => assignRole(fixture, vaultPath(fixture), officer, await principalOf(fixture)),
  },
  {
    code: 'WI843',
    description: 'the identity also trusts a pipeline',
    api: 'Graph',
    seed: async (fixture) =>
      fixture.apis.graph('POST', await credentialsPath(fixture), {
        name: 'pipeline',
        issuer: 'https://token.actions.githubusercontent.com',
        subject: 'repo:shop/checkout:ref:refs/heads/main',
        audiences: ['api://AzureADTokenExchange'],
      }),
  },
  {
    code: 'WI844',
    description: 'the app registration has a password',
    api: 'Graph',
    seed: (fixture) => fixture.apis.graph('POST', `${applicationPath(fixture)}/addPassword`, {}),
  },
  {
    code: 'WI845',
    description: 'the app registration has another owner',
    api: 'Graph',
    seed: async (fixture) =>
      fixture.apis.graph('POST', `${applicationPath(fixture)}/owners/$ref`, {
        '@odata.id': `${sandboxOf(fixture).sandbox.simulator.addresses.graph}/v1.0/directoryObjects/${await principalOf(fixture)}`,
      }),
  },
  {
    code: 'WI846',
    description: 'the identity has an application permission',
    api: 'Graph',
    async seed(fixture) {
      const principalId = await principalOf(fixture)
      const { value } = await fixture.apis.graph('GET', '/servicePrincipals')
      const { id } = value.find((each: { id: string }) => each.id !== principalId)
      await fixture.apis.graph('POST', `/servicePrincipals/${principalId}/appRoleAssignments`, {
        principalId,
        resourceId: id,
        appRoleId: '7ab1d382-f21e-4acd-a863-ba3e13f7da61',
      })
    },
  },
  {
    code: 'WI811',
    description: 'the service account mounts a Kubernetes API token',
    api: 'Kubernetes',
    seed: (fixture) => fixture.kube('PATCH', accountPath(fixture), { automountServiceAccountToken: true }),
  },
  {
    code: 'WI812',
    description: 'a Deployment runs as default with a Kubernetes API token',
    api: 'Kubernetes',
    discardFixture: true,
    async seed(fixture) {
      const object = deploymentIn(fixture, 'plain')
      const { metadata, spec } = object.spec.template
      delete metadata.labels[useKey]
      delete spec.automountServiceAccountToken
      spec.serviceAccountName = 'default'
      await fixture.kube('POST', deploymentsPath(fixture), object)
      await waitForRollout(fixture.kube, `${deploymentsPath(fixture)}/plain`)
    },
  },
  {
    code: 'WI814',
    description: 'the sample app is still deployed',
    api: { none: 'wi-setup sample deploys it' },
    discardFixture: true,
    seed: async ({ environment, cwd }) => {
      const ran = await environment.run(['sample', ...environment.cloud, '--yes'], { cwd })
      if (ran.code !== 0) throw new Error(ran.stderr)
    },
  },
  {
    code: 'WI816',
    description: 'the workload is in the default namespace',
    fixture: 'default-namespace',
    api: { none: 'the setting itself is the fault' },
    discardFixture: true,
    seed: async () => {},
    // The set-up assigns the role that writes secrets again, and keeps the old federated credential.
    alsoReported: ['WI835', 'WI843'],
  },
  {
    code: 'WI831',
    description: 'purge protection is off',
    fixture: 'without-purge-protection',
    api: defaultOfSetUp,
    seed: async () => {},
  },
  {
    code: 'WI833',
    description: "the vault's firewall is off",
    api: 'Resource Manager',
    seed: (fixture) =>
      fixture.apis.arm('PATCH', vaultPath(fixture), {
        properties: { networkAcls: { defaultAction: 'Allow' } },
      }),
    // The remedy doesn't know the pods' outbound addresses.
    manualRemedy: (fixture) =>
      fixture.apis.arm('PATCH', vaultPath(fixture), {
        properties: {
          networkAcls: {
            defaultAction: 'Deny',
            bypass: 'AzureServices',
            ipRules: [{ value: `${fixture.environment.address}/32` }],
          },
        },
      }),
  },
  {
    code: 'WI834',
    description: 'the vault uses access policies',
    api: 'Resource Manager',
    seed: (fixture) => useAccessPolicies(fixture, ['get', 'list']),
    // With access policies, the existing role is unneeded.
    alsoReported: ['WI841'],
    // The vault's users already have roles.
    manualRemedy: (fixture) =>
      fixture.apis.arm('PATCH', vaultPath(fixture), { properties: { enableRbacAuthorization: true } }),
  },
  {
    code: 'WI837',
    description: 'the access policy allows writing secrets',
    api: 'Resource Manager',
    discardFixture: true,
    seed: (fixture) => useAccessPolicies(fixture, ['get', 'list', 'set']),
    alsoReported: ['WI834', 'WI841'],
  },
  {
    code: 'WI836',
    description: 'the new version of the secret has no expiration date',
    api: 'Key Vault',
    seed: ({ apis, settings }) =>
      apis.vault(settings.vault)('PUT', `/secrets/${settings.secret}`, { value: 'renewed' }),
  },
  {
    code: 'WI842',
    description: "the vault has another workload's secret",
    api: 'Key Vault',
    seed: ({ apis, settings }) => apis.vault(settings.vault)('PUT', '/secrets/other', { value: 'x' }),
    // The remedy leaves open which workload gets another vault.
    manualRemedy: async ({ apis, settings }) => {
      await apis.vault(settings.vault)('DELETE', '/secrets/other')
    },
  },
  {
    code: 'WI813',
    description: 'the token lifetime is one day',
    api: 'Kubernetes',
    seed: (fixture) =>
      annotateAccount(fixture, { 'azure.workload.identity/service-account-token-expiration': '86400' }),
  },
  {
    code: 'WI815',
    description: 'the namespace enforces no Pod Security Standard',
    api: 'Kubernetes',
    seed: ({ kube, settings }) =>
      kube('PATCH', `/api/v1/namespaces/${settings.namespace}`, {
        metadata: { labels: { [podSecurityLabel]: null } },
      }),
  },
  {
    code: 'WI821',
    description: 'every pod in the namespace has the role edit',
    api: 'Kubernetes',
    seed: (fixture) =>
      bind(fixture, 'all', 'edit', [
        { kind: 'Group', apiGroup: rbac, name: `system:serviceaccounts:${fixture.settings.namespace}` },
      ]),
  },
  {
    code: 'WI821',
    description: "a user has verify's role with the right to create pods",
    api: 'Kubernetes',
    async seed(fixture) {
      const { kube, settings } = fixture
      const name = 'wi-setup-verify'
      await kube('POST', `/apis/${rbac}/v1/namespaces/${settings.namespace}/roles`, {
        metadata: { name },
        rules: kubernetesRules(settings as unknown as Settings).verify.namespace,
      })
      await kube('POST', `/apis/${rbac}/v1/namespaces/${settings.namespace}/rolebindings`, {
        metadata: { name },
        roleRef: { apiGroup: rbac, kind: 'Role', name },
        subjects: [{ kind: 'User', apiGroup: rbac, name: 'jo' }],
      })
    },
  },
  {
    code: 'WI821',
    description: 'another service account has the role admin',
    api: 'Kubernetes',
    seed: (fixture) =>
      bind(fixture, 'some', 'admin', [
        { kind: 'User', apiGroup: rbac, name: 'jo' },
        { kind: 'ServiceAccount', name: 'ci', namespace: fixture.settings.namespace },
      ]),
  },
  {
    code: 'WI835',
    description: "the set-up's role that writes secrets remains",
    api: 'Resource Manager',
    discardFixture: true,
    seed: async (fixture) => {
      const { apis } = fixture
      const assignments = `${vaultPath(fixture)}/providers/Microsoft.Authorization/roleAssignments`
      const { value } = await apis.arm('GET', `${assignments}?api-version=2022-04-01`)
      // Replaces the assignment that wi-setup does not manage.
      for (const { name, properties } of value)
        if (properties.description === 'by hand')
          await apis.arm('DELETE', `${assignments}/${name}?api-version=2022-04-01`)
      const { id } = await apis.graph(
        'GET',
        `/servicePrincipals(appId='${sandboxOf(fixture).sandbox.state.operator.clientId}')`,
      )
      await assignRole(fixture, vaultPath(fixture), officer, id, 'created by wi-setup')
    },
  },
]

export const postureFaults: SeededFault[] = seeds.map((each) => ({
  fixture: 'hardened',
  ...each,
  args: () => ['--posture'],
}))
