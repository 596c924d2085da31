import { setTimeout as delay } from 'node:timers/promises'
import type { JsonObject } from '../apis.ts'
import { type Fixture, type SeededFault, vaultPath } from '../fault.ts'
import { waitForRollout } from '../rolled-out.ts'

const keyVaultReader = '21090545-7ca7-4776-b22c-e363652d74d2'
const secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

const assignmentsAt = (scene: Fixture) =>
  `${vaultPath(scene)}/providers/Microsoft.Authorization/roleAssignments`

async function unassign(scene: Fixture): Promise<void> {
  const { value } = await scene.apis.arm(
    'GET',
    `${assignmentsAt(scene)}?api-version=2022-04-01&$filter=principalId eq '${scene.outputs.principalId}'`.replaceAll(
      ' ',
      '%20',
    ),
  )
  for (const { name } of value as JsonObject[])
    await scene.apis.arm('DELETE', `${assignmentsAt(scene)}/${name}`)
}

const assign = (scene: Fixture, role: string) =>
  scene.apis.arm('PUT', `${assignmentsAt(scene)}/${crypto.randomUUID()}`, {
    properties: {
      roleDefinitionId: `/subscriptions/${scene.settings.subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      principalId: scene.outputs.principalId,
      principalType: 'ServicePrincipal',
    },
  })

const patch = (scene: Fixture, properties: JsonObject) =>
  scene.apis.arm('PATCH', vaultPath(scene), { properties })

const policy = (scene: Fixture, kind: 'add' | 'remove', secrets: string[]) =>
  scene.apis.arm('PUT', `${vaultPath(scene)}/accessPolicies/${kind}`, {
    properties: {
      accessPolicies: [
        { tenantId: scene.settings.tenant, objectId: scene.outputs.principalId, permissions: { secrets } },
      ],
    },
  })

const attributes = (scene: Fixture, of: JsonObject) =>
  scene.apis.vault(scene.settings.vault)('PATCH', `/secrets/${scene.settings.secret}`, { attributes: of })

/** Access, the vault, its secret, and the sample that reads it. */
export const vaultFaults: SeededFault[] = [
  {
    code: 'WI501',
    description: 'the role on the vault is taken away',
    api: 'Resource Manager',
    seed: unassign,
  },
  {
    code: 'WI501',
    description: 'Key Vault Reader in place of Key Vault Secrets User',
    api: 'Resource Manager',
    seed: async (scene) => {
      await unassign(scene)
      await assign(scene, keyVaultReader)
    },
  },
  {
    code: 'WI502',
    description: 'the access policy may list only',
    fixture: 'policy',
    api: 'Resource Manager',
    seed: (scene) => policy(scene, 'remove', ['get']),
  },
  {
    code: 'WI503',
    description: 'a vault with roles goes by access policies now',
    api: 'Resource Manager',
    seed: (scene) => patch(scene, { enableRbacAuthorization: false }),
  },
  {
    code: 'WI503',
    description: 'a vault with access policies goes by roles now',
    fixture: 'policy',
    api: 'Resource Manager',
    seed: (scene) => patch(scene, { enableRbacAuthorization: true }),
  },
  {
    code: 'WI504',
    description: 'public network access is switched off',
    api: 'Resource Manager',
    seed: (scene) => patch(scene, { publicNetworkAccess: 'Disabled' }),
  },
  {
    code: 'WI504',
    description: 'the firewall lets nobody in',
    api: 'Resource Manager',
    seed: (scene) => patch(scene, { networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' } }),
  },
  {
    code: 'WI505',
    description: 'the vault is deleted',
    api: 'Resource Manager',
    seed: (scene) => scene.apis.arm('DELETE', vaultPath(scene)),
  },
  {
    code: 'WI506',
    description: 'the vault is deleted and purged',
    api: 'Resource Manager',
    seed: async (scene) => {
      const { location } = await scene.apis.arm('GET', vaultPath(scene))
      await scene.apis.arm('DELETE', vaultPath(scene))
      await scene.apis.arm(
        'POST',
        `/providers/Microsoft.KeyVault/locations/${location}/deletedVaults/${scene.settings.vault}/purge`,
      )
    },
  },
  {
    code: 'WI507',
    description: 'the secret is disabled',
    api: 'Key Vault',
    seed: (scene) => attributes(scene, { enabled: false }),
  },
  {
    code: 'WI507',
    description: 'the secret is deleted',
    api: 'Key Vault',
    seed: (scene) => scene.apis.vault(scene.settings.vault)('DELETE', `/secrets/${scene.settings.secret}`),
  },
  {
    code: 'WI508',
    description: 'a role given this moment, which has not taken effect yet',
    fixture: 'paced',
    api: 'Resource Manager',
    seed: async (scene) => {
      await unassign(scene)
      // Roles go on working for a while after they are taken away.
      await delay(1200)
      scene.clock.stand = true
      await assign(scene, secretsUser)
    },
    stopWaiting: ({ clock }) => {
      clock.stand = false
    },
  },
  {
    code: 'WI510',
    description: 'the secret has expired',
    api: 'Key Vault',
    seed: (scene) => attributes(scene, { exp: 1_600_000_000 }),
  },
  {
    code: 'WI510',
    description: 'the secret is for next year',
    api: 'Key Vault',
    seed: (scene) => attributes(scene, { nbf: Math.floor(Date.now() / 1000) + 31_536_000 }),
  },
  {
    code: 'WI604',
    description: 'the sample is told another vault',
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
