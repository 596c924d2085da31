import { clusterPath, type Fixture, type SeededFault, sandboxOf } from '../fault.ts'

const createGroup = (fixture: Fixture, name: string) =>
  fixture.apis.arm('PUT', `/resourceGroups/${name}`, { location: 'westeurope' })

const registerProviders = (fixture: Fixture) =>
  Promise.all(
    ['Microsoft.KeyVault', 'Microsoft.ContainerService'].map((name) =>
      fixture.apis.arm('POST', `/providers/${name}/register`),
    ),
  )

const otherVaultPath = (fixture: Fixture) =>
  `/resourceGroups/rg-elsewhere/providers/Microsoft.KeyVault/vaults/${fixture.settings.vault}`

/** Creates a vault with the configured name in another resource group. */
async function createOtherVault(fixture: Fixture, properties: object = {}): Promise<void> {
  await registerProviders(fixture)
  await createGroup(fixture, 'rg-elsewhere')
  await fixture.apis.arm('PUT', otherVaultPath(fixture), {
    location: 'westeurope',
    properties: {
      tenantId: sandboxOf(fixture).sandbox.state.tenant.id,
      sku: { family: 'A', name: 'standard' },
      enableRbacAuthorization: true,
      accessPolicies: [],
      ...properties,
    },
  })
}

const pre = { fixture: 'empty', discardFixture: true } as const

/** Findings of `verify --pre` where nothing is set up. */
export const preflightFaults: SeededFault[] = [
  {
    ...pre,
    code: 'WI401',
    description: 'a region without federated credentials for managed identities',
    api: { none: 'the setting itself is the fault' },
    seed: async () => {},
    args: () => ['--pre', '--location', 'newzealandnorth', '--identity-kind', 'managed'],
  },
  {
    ...pre,
    code: 'WI505',
    description: 'a soft-deleted vault in another group reserves the name',
    api: 'Resource Manager',
    seed: async (fixture) => {
      await createOtherVault(fixture)
      await fixture.apis.arm('DELETE', otherVaultPath(fixture))
    },
    args: () => ['--pre'],
  },
  {
    ...pre,
    code: 'WI505',
    description: 'a soft-deleted vault with purge protection reserves the name',
    api: 'Resource Manager',
    seed: async (fixture) => {
      await createOtherVault(fixture, { enablePurgeProtection: true })
      await fixture.apis.arm('DELETE', otherVaultPath(fixture))
    },
    args: () => ['--pre'],
  },
  {
    ...pre,
    code: 'WI805',
    description: 'the vault is in another group',
    api: 'Resource Manager',
    seed: (fixture) => createOtherVault(fixture),
    args: () => ['--pre'],
  },
  {
    ...pre,
    code: 'WI805',
    description: "the vault's name is taken",
    api: { none: 'the setting itself is the fault' },
    seed: async () => {},
    args: () => ['--pre', '--vault', 'taken-by-others'],
  },
  {
    ...pre,
    code: 'WI808',
    description: 'a policy allows other regions only',
    api: 'Resource Manager',
    seed: (fixture) =>
      fixture.apis.arm('PUT', '/providers/Microsoft.Authorization/policyAssignments/regions', {
        properties: {
          displayName: 'Regions of the company',
          policyDefinitionId:
            '/providers/Microsoft.Authorization/policyDefinitions/e56962a6-4747-49cd-b67b-bf8b01975c4c',
          parameters: { listOfAllowedLocations: { value: ['eastus', 'northeurope'] } },
        },
      }),
    args: () => ['--pre'],
    // The user chooses another region.
    manualRemedy: async () => {},
    argsAfterRemedy: () => ['--pre', '--location', 'northeurope'],
  },
  {
    ...pre,
    code: 'WI807',
    description: 'another cluster leaves 2 of 100 cores',
    api: 'Resource Manager',
    seed: async (fixture) => {
      await registerProviders(fixture)
      await createGroup(fixture, 'rg-elsewhere')
      await fixture.apis.arm(
        'PUT',
        '/resourceGroups/rg-elsewhere/providers/Microsoft.ContainerService/managedClusters/aks-large',
        {
          location: 'westeurope',
          sku: { name: 'Base', tier: 'Free' },
          identity: { type: 'SystemAssigned' },
          properties: {
            dnsPrefix: 'large',
            agentPoolProfiles: [{ name: 'system', mode: 'System', count: 49, osType: 'Linux' }],
          },
        },
      )
    },
    args: () => ['--pre', '--node-count', '3'],
  },
  {
    ...pre,
    code: 'WI802',
    description: 'the cluster is stopped',
    api: 'Resource Manager',
    seed: async (fixture) => {
      await registerProviders(fixture)
      await createGroup(fixture, 'rg-score')
      await fixture.apis.arm('PUT', clusterPath(fixture), {
        location: 'westeurope',
        sku: { name: 'Base', tier: 'Free' },
        identity: { type: 'SystemAssigned' },
        properties: {
          dnsPrefix: 'score',
          agentPoolProfiles: [{ name: 'system', mode: 'System', count: 1, osType: 'Linux' }],
        },
      })
      await fixture.apis.arm('POST', `${clusterPath(fixture)}/stop`)
    },
    args: () => ['--pre'],
  },
]
