import { setTimeout as delay } from 'node:timers/promises'
import { newDenyAssignment } from '../../../sandbox/arm/authorization/new-deny-assignment.ts'
import type { JsonObject } from '../apis.ts'
import { type Fixture, type SeededFault, sandboxOf, vaultPath } from '../fault.ts'
import { waitForRollout } from '../rolled-out.ts'

const keyVaultReader = '21090545-7ca7-4776-b22c-e363652d74d2'
const secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

const assignmentsAt = (fixture: Fixture) =>
  `${vaultPath(fixture)}/providers/Microsoft.Authorization/roleAssignments`

async function deleteAssignments(fixture: Fixture): Promise<void> {
  const { value } = await fixture.apis.arm(
    'GET',
    `${assignmentsAt(fixture)}?api-version=2022-04-01&$filter=principalId eq '${fixture.outputs.principalId}'`.replaceAll(
      ' ',
      '%20',
    ),
  )
  for (const { name } of value as JsonObject[])
    await fixture.apis.arm('DELETE', `${assignmentsAt(fixture)}/${name}`)
}

const assignToIdentity = (fixture: Fixture, role: string) =>
  fixture.apis.arm('PUT', `${assignmentsAt(fixture)}/${crypto.randomUUID()}`, {
    properties: {
      roleDefinitionId: `/subscriptions/${fixture.settings.subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      principalId: fixture.outputs.principalId,
      principalType: 'ServicePrincipal',
    },
  })

const patchVault = (fixture: Fixture, properties: JsonObject) =>
  fixture.apis.arm('PATCH', vaultPath(fixture), { properties })

const changePolicy = (fixture: Fixture, kind: 'add' | 'remove', secrets: string[]) =>
  fixture.apis.arm('PUT', `${vaultPath(fixture)}/accessPolicies/${kind}`, {
    properties: {
      accessPolicies: [
        {
          tenantId: fixture.settings.tenant,
          objectId: fixture.outputs.principalId,
          permissions: { secrets },
        },
      ],
    },
  })

const setAttributes = (fixture: Fixture, attributes: JsonObject) =>
  fixture.apis.vault(fixture.settings.vault)('PATCH', `/secrets/${fixture.settings.secret}`, {
    attributes,
  })

/** Faults of access, the vault, its secret and the sample app. */
export const vaultFaults: SeededFault[] = [
  {
    code: 'WI501',
    description: 'the role assignment on the vault is deleted',
    api: 'Resource Manager',
    seed: deleteAssignments,
  },
  {
    code: 'WI501',
    description: 'the role is Key Vault Reader instead of Key Vault Secrets User',
    api: 'Resource Manager',
    seed: async (fixture) => {
      await deleteAssignments(fixture)
      await assignToIdentity(fixture, keyVaultReader)
    },
  },
  {
    code: 'WI502',
    description: 'the access policy only allows list',
    fixture: 'policy',
    api: 'Resource Manager',
    seed: (fixture) => changePolicy(fixture, 'remove', ['get']),
  },
  {
    code: 'WI511',
    description: 'a deployment stack denies everyone to read the secrets of the vault',
    api: { none: 'only services create deny assignments, so the sandbox does it on request' },
    aksOnly: 'the sandbox of a real cluster runs in another process',
    seed: async (fixture) => {
      const { simulator } = sandboxOf(fixture).sandbox
      const scope = `/subscriptions/${fixture.settings.subscription}${vaultPath(fixture)}`
      const dataActions = ['Microsoft.KeyVault/vaults/secrets/*']
      newDenyAssignment(simulator, { name: 'stack shop', scope, dataActions })
    },
    manualRemedy: async (fixture) => {
      sandboxOf(fixture).sandbox.state.arm.denyAssignments = {}
    },
  },
  {
    code: 'WI503',
    description: 'the vault is switched to access policies',
    api: 'Resource Manager',
    seed: (fixture) => patchVault(fixture, { enableRbacAuthorization: false }),
  },
  {
    code: 'WI503',
    description: 'the vault is switched to Azure RBAC',
    fixture: 'policy',
    api: 'Resource Manager',
    seed: (fixture) => patchVault(fixture, { enableRbacAuthorization: true }),
  },
  {
    code: 'WI504',
    description: 'public network access is switched off',
    api: 'Resource Manager',
    seed: (fixture) => patchVault(fixture, { publicNetworkAccess: 'Disabled' }),
    // The remedy is a private endpoint, which the sandbox does not have.
    manualRemedy: (fixture) => patchVault(fixture, { publicNetworkAccess: 'Enabled' }),
  },
  {
    code: 'WI504',
    description: 'the firewall denies every address',
    api: 'Resource Manager',
    seed: (fixture) =>
      patchVault(fixture, { networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' } }),
  },
  {
    code: 'WI505',
    description: 'the vault is deleted',
    api: 'Resource Manager',
    seed: (fixture) => fixture.apis.arm('DELETE', vaultPath(fixture)),
  },
  {
    code: 'WI506',
    description: 'the vault is deleted and purged',
    api: 'Resource Manager',
    seed: async (fixture) => {
      const { location } = await fixture.apis.arm('GET', vaultPath(fixture))
      await fixture.apis.arm('DELETE', vaultPath(fixture))
      await fixture.apis.arm(
        'POST',
        `/providers/Microsoft.KeyVault/locations/${location}/deletedVaults/${fixture.settings.vault}/purge`,
      )
    },
  },
  {
    code: 'WI507',
    description: 'the secret is disabled',
    api: 'Key Vault',
    seed: (fixture) => setAttributes(fixture, { enabled: false }),
  },
  {
    code: 'WI507',
    description: 'the secret is deleted',
    api: 'Key Vault',
    seed: (fixture) =>
      fixture.apis.vault(fixture.settings.vault)('DELETE', `/secrets/${fixture.settings.secret}`),
  },
  {
    code: 'WI508',
    description: 'a new role assignment has not taken effect yet',
    fixture: 'real-time',
    api: 'Resource Manager',
    seed: async (fixture) => {
      await deleteAssignments(fixture)
      // A deleted role assignment keeps working for a while.
      await delay(1200)
      fixture.clock.stopped = true
      await assignToIdentity(fixture, secretsUser)
    },
    stopWaiting: ({ clock }) => {
      clock.stopped = false
    },
  },
  {
    code: 'WI510',
    description: 'the secret has expired',
    api: 'Key Vault',
    seed: (fixture) => setAttributes(fixture, { exp: 1_600_000_000 }),
  },
  {
    code: 'WI510',
    description: 'the secret is activated next year',
    api: 'Key Vault',
    seed: (fixture) => setAttributes(fixture, { nbf: Math.floor(Date.now() / 1000) + 31_536_000 }),
  },
  {
    code: 'WI604',
    description: 'the sample app has the address of another vault',
    api: 'Kubernetes',
    seed: async ({ kube, settings }) => {
      const at = `/apis/apps/v1/namespaces/${settings.namespace}/deployments/vault-reader`
      const { spec } = await kube('GET', at)
      const [container] = spec.template.spec.containers as JsonObject[]
      const env = (container!.env as JsonObject[]).map((each) =>
        each.name === 'KEYVAULT_URL' ? { ...each, value: 'https://another.vault.localhost/' } : each,
      )
      await kube('PATCH', at, { spec: { template: { spec: { containers: [{ ...container, env }] } } } })
      await waitForRollout(kube, at)
    },
  },
]
