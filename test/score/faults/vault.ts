import { setTimeout as delay } from 'node:timers/promises'
import type { Open } from '../ask.ts'
import { type Fault, type Scene, vaultPath } from '../fault.ts'
import { rolledOut } from '../rolled-out.ts'

const keyVaultReader = '21090545-7ca7-4776-b22c-e363652d74d2'
const secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

const assignmentsAt = (scene: Scene) =>
  `${vaultPath(scene)}/providers/Microsoft.Authorization/roleAssignments`

async function unassign(scene: Scene): Promise<void> {
  const { value } = await scene.to.arm(
    'GET',
    `${assignmentsAt(scene)}?api-version=2022-04-01&$filter=principalId eq '${scene.made.principalId}'`.replaceAll(
      ' ',
      '%20',
    ),
  )
  for (const { name } of value as Open[]) await scene.to.arm('DELETE', `${assignmentsAt(scene)}/${name}`)
}

const assign = (scene: Scene, role: string) =>
  scene.to.arm('PUT', `${assignmentsAt(scene)}/${crypto.randomUUID()}`, {
    properties: {
      roleDefinitionId: `/subscriptions/${scene.settings.subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      principalId: scene.made.principalId,
      principalType: 'ServicePrincipal',
    },
  })

const patch = (scene: Scene, properties: Open) => scene.to.arm('PATCH', vaultPath(scene), { properties })

const policy = (scene: Scene, kind: 'add' | 'remove', secrets: string[]) =>
  scene.to.arm('PUT', `${vaultPath(scene)}/accessPolicies/${kind}`, {
    properties: {
      accessPolicies: [
        { tenantId: scene.settings.tenant, objectId: scene.made.principalId, permissions: { secrets } },
      ],
    },
  })

const attributes = (scene: Scene, of: Open) =>
  scene.to.vault(scene.settings.vault)('PATCH', `/secrets/${scene.settings.secret}`, { attributes: of })

/** Access, the vault, its secret, and the sample that reads it. */
export const vault: Fault[] = [
  {
    code: 'WI501',
    says: 'the role on the vault is taken away',
    by: 'Resource Manager',
    seed: unassign,
  },
  {
    code: 'WI501',
    says: 'Key Vault Reader in place of Key Vault Secrets User',
    by: 'Resource Manager',
    seed: async (scene) => {
      await unassign(scene)
      await assign(scene, keyVaultReader)
    },
  },
  {
    code: 'WI502',
    says: 'the access policy may list only',
    on: 'policy',
    by: 'Resource Manager',
    seed: (scene) => policy(scene, 'remove', ['get']),
  },
  {
    code: 'WI503',
    says: 'a vault with roles goes by access policies now',
    by: 'Resource Manager',
    seed: (scene) => patch(scene, { enableRbacAuthorization: false }),
  },
  {
    code: 'WI503',
    says: 'a vault with access policies goes by roles now',
    on: 'policy',
    by: 'Resource Manager',
    seed: (scene) => patch(scene, { enableRbacAuthorization: true }),
  },
  {
    code: 'WI504',
    says: 'public network access is switched off',
    by: 'Resource Manager',
    seed: (scene) => patch(scene, { publicNetworkAccess: 'Disabled' }),
  },
  {
    code: 'WI504',
    says: 'the firewall lets nobody in',
    by: 'Resource Manager',
    seed: (scene) => patch(scene, { networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' } }),
  },
  {
    code: 'WI505',
    says: 'the vault is deleted',
    by: 'Resource Manager',
    seed: (scene) => scene.to.arm('DELETE', vaultPath(scene)),
  },
  {
    code: 'WI506',
    says: 'the vault is deleted and purged',
    by: 'Resource Manager',
    seed: async (scene) => {
      const { location } = await scene.to.arm('GET', vaultPath(scene))
      await scene.to.arm('DELETE', vaultPath(scene))
      await scene.to.arm(
        'POST',
        `/providers/Microsoft.KeyVault/locations/${location}/deletedVaults/${scene.settings.vault}/purge`,
      )
    },
  },
  {
    code: 'WI507',
    says: 'the secret is disabled',
    by: 'Key Vault',
    seed: (scene) => attributes(scene, { enabled: false }),
  },
  {
    code: 'WI507',
    says: 'the secret is deleted',
    by: 'Key Vault',
    seed: (scene) => scene.to.vault(scene.settings.vault)('DELETE', `/secrets/${scene.settings.secret}`),
  },
  {
    code: 'WI508',
    says: 'a role given this moment, which has not taken effect yet',
    on: 'paced',
    by: 'Resource Manager',
    seed: async (scene) => {
      await unassign(scene)
      // Roles go on working for a while after they are taken away.
      await delay(1200)
      scene.clock.stand = true
      await assign(scene, secretsUser)
    },
    passes: ({ clock }) => {
      clock.stand = false
    },
  },
  {
    code: 'WI510',
    says: 'the secret has expired',
    by: 'Key Vault',
    seed: (scene) => attributes(scene, { exp: 1_600_000_000 }),
  },
  {
    code: 'WI510',
    says: 'the secret is for next year',
    by: 'Key Vault',
    seed: (scene) => attributes(scene, { nbf: Math.floor(Date.now() / 1000) + 31_536_000 }),
  },
  {
    code: 'WI604',
    says: 'the sample is told another vault',
    by: 'Kubernetes',
    seed: async ({ kube, settings }) => {
      const at = `/apis/apps/v1/namespaces/${settings.namespace}/deployments/vault-reader`
      const { spec } = await kube('GET', at)
      const [container] = spec.template.spec.containers as Open[]
      const env = (container!.env as Open[]).map((each) =>
        each.name === 'KEYVAULT_URL' ? { ...each, value: 'https://another.vault.localhost/' } : each,
      )
      await kube('PATCH', at, { spec: { template: { spec: { containers: [{ ...container, env }] } } } })
      await rolledOut(kube, at)
    },
  },
]
