import { clusterPath, type Fixture, type SeededFault, sandboxOf } from '../fault.ts'

const group = (scene: Fixture, name: string) =>
  scene.apis.arm('PUT', `/resourceGroups/${name}`, { location: 'westeurope' })

const registered = (scene: Fixture) =>
  Promise.all(
    ['Microsoft.KeyVault', 'Microsoft.ContainerService'].map((name) =>
      scene.apis.arm('POST', `/providers/${name}/register`),
    ),
  )

const elsewhere = (scene: Fixture) =>
  `/resourceGroups/rg-elsewhere/providers/Microsoft.KeyVault/vaults/${scene.settings.vault}`

/** A vault of the name in another group. */
async function vaultElsewhere(scene: Fixture): Promise<void> {
  await registered(scene)
  await group(scene, 'rg-elsewhere')
  await scene.apis.arm('PUT', elsewhere(scene), {
    location: 'westeurope',
    properties: {
      tenantId: sandboxOf(scene).sandbox.state.tenant.id,
      sku: { family: 'A', name: 'standard' },
      enableRbacAuthorization: true,
      accessPolicies: [],
    },
  })
}

const pre = { fixture: 'nothing', discardFixture: true } as const

/** What `verify --pre` finds where nothing has been set up yet. */
export const preflightFaults: SeededFault[] = [
  {
    ...pre,
    code: 'WI401',
    description: 'a location without federated credentials for managed identities',
    api: { none: 'it is what was asked for' },
    seed: async () => {},
    args: () => ['--pre', '--location', 'newzealandnorth', '--identity-kind', 'managed'],
  },
  {
    ...pre,
    code: 'WI505',
    description: 'a deleted vault of another group holds the name',
    api: 'Resource Manager',
    seed: async (scene) => {
      await vaultElsewhere(scene)
      await scene.apis.arm('DELETE', elsewhere(scene))
    },
    args: () => ['--pre'],
  },
  {
    ...pre,
    code: 'WI805',
    description: 'a vault of the name is in another group',
    api: 'Resource Manager',
    seed: vaultElsewhere,
    args: () => ['--pre'],
  },
  {
    ...pre,
    code: 'WI805',
    description: "the vault's name is somebody else's",
    api: { none: 'it is what was asked for' },
    seed: async () => {},
    args: () => ['--pre', '--vault', 'taken-by-others'],
  },
  {
    ...pre,
    code: 'WI807',
    description: 'another cluster of the location leaves 2 cores of 100',
    api: 'Resource Manager',
    seed: async (scene) => {
      await registered(scene)
      await group(scene, 'rg-elsewhere')
      await scene.apis.arm(
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
    seed: async (scene) => {
      await registered(scene)
      await group(scene, 'rg-score')
      await scene.apis.arm('PUT', clusterPath(scene), {
        location: 'westeurope',
        sku: { name: 'Base', tier: 'Free' },
        identity: { type: 'SystemAssigned' },
        properties: {
          dnsPrefix: 'score',
          agentPoolProfiles: [{ name: 'system', mode: 'System', count: 1, osType: 'Linux' }],
        },
      })
      await scene.apis.arm('POST', `${clusterPath(scene)}/stop`)
    },
    args: () => ['--pre'],
  },
]
