import { clusterPath, type Fault, placeOf, type Scene } from '../fault.ts'

const group = (scene: Scene, name: string) =>
  scene.to.arm('PUT', `/resourceGroups/${name}`, { location: 'westeurope' })

const registered = (scene: Scene) =>
  Promise.all(
    ['Microsoft.KeyVault', 'Microsoft.ContainerService'].map((name) =>
      scene.to.arm('POST', `/providers/${name}/register`),
    ),
  )

const elsewhere = (scene: Scene) =>
  `/resourceGroups/rg-elsewhere/providers/Microsoft.KeyVault/vaults/${scene.settings.vault}`

/** A vault of the name in another group. */
async function vaultElsewhere(scene: Scene): Promise<void> {
  await registered(scene)
  await group(scene, 'rg-elsewhere')
  await scene.to.arm('PUT', elsewhere(scene), {
    location: 'westeurope',
    properties: {
      tenantId: placeOf(scene).sandbox.world.tenant.id,
      sku: { family: 'A', name: 'standard' },
      enableRbacAuthorization: true,
      accessPolicies: [],
    },
  })
}

const pre = { on: 'nothing', renews: true } as const

/** What `verify --pre` finds where nothing has been set up yet. */
export const before: Fault[] = [
  {
    ...pre,
    code: 'WI401',
    says: 'a location without federated credentials for managed identities',
    by: { none: 'it is what was asked for' },
    seed: async () => {},
    args: () => ['--pre', '--location', 'newzealandnorth', '--identity-kind', 'managed'],
  },
  {
    ...pre,
    code: 'WI505',
    says: 'a deleted vault of another group holds the name',
    by: 'Resource Manager',
    seed: async (scene) => {
      await vaultElsewhere(scene)
      await scene.to.arm('DELETE', elsewhere(scene))
    },
    args: () => ['--pre'],
  },
  {
    ...pre,
    code: 'WI805',
    says: 'a vault of the name is in another group',
    by: 'Resource Manager',
    seed: vaultElsewhere,
    args: () => ['--pre'],
  },
  {
    ...pre,
    code: 'WI805',
    says: "the vault's name is somebody else's",
    by: { none: 'it is what was asked for' },
    seed: async () => {},
    args: () => ['--pre', '--vault', 'taken-by-others'],
  },
  {
    ...pre,
    code: 'WI807',
    says: 'another cluster of the location leaves 2 cores of 100',
    by: 'Resource Manager',
    seed: async (scene) => {
      await registered(scene)
      await group(scene, 'rg-elsewhere')
      await scene.to.arm(
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
    says: 'the cluster is stopped',
    by: 'Resource Manager',
    seed: async (scene) => {
      await registered(scene)
      await group(scene, 'rg-score')
      await scene.to.arm('PUT', clusterPath(scene), {
        location: 'westeurope',
        sku: { name: 'Base', tier: 'Free' },
        identity: { type: 'SystemAssigned' },
        properties: {
          dnsPrefix: 'score',
          agentPoolProfiles: [{ name: 'system', mode: 'System', count: 1, osType: 'Linux' }],
        },
      })
      await scene.to.arm('POST', `${clusterPath(scene)}/stop`)
    },
    args: () => ['--pre'],
  },
]
