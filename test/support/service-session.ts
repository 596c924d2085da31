import { randomUUID } from 'node:crypto'
import { mintAccessToken } from '../../sandbox/entra/access-tokens.ts'
import type { SandboxOptions } from '../../sandbox/index.ts'
import { openArm } from './arm-session.ts'
import { type Answer, operatorToken, request } from './request.ts'

export const serviceRoles = {
  contributor: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
  reader: 'acdd72a7-3385-48ef-bd42-f606fba81ae7',
  configReader: '516239f1-63e1-4d78-a4de-a74fb236a071',
  configOwner: '5ae67dd6-50cb-40e7-96ff-dc2bfa4b606b',
  openAiUser: '5e0bd9bd-7b93-4f28-af87-19fc36ad61bd',
  acrPull: '7f951dda-4ed3-4680-a7ca-43fe172d538d',
  repositoryReader: 'b93aa761-3e63-49ed-ac28-beffa264f7ac',
  catalogLister: 'bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7',
  cosmosAccountReader: 'fbdf93bf-df7d-467e-a4d2-9458aa1360c8',
}

/** IDs of the built-in roles of a Cosmos DB account. */
export const cosmosRoles = {
  reader: '00000000-0000-0000-0000-000000000001',
  contributor: '00000000-0000-0000-0000-000000000002',
}

/** The accounts that `openServices` creates: name, type and body. */
const accounts = {
  config: ['Microsoft.AppConfiguration/configurationStores/shop-config', { sku: { name: 'Standard' } }],
  cosmos: [
    'Microsoft.DocumentDB/databaseAccounts/shop-cosmos',
    { kind: 'GlobalDocumentDB', properties: { databaseAccountOfferType: 'Standard' } },
  ],
  openAi: [
    'Microsoft.CognitiveServices/accounts/shop-ai',
    { kind: 'OpenAI', sku: { name: 'S0' }, properties: { customSubDomainName: 'shop-ai' } },
  ],
  registry: ['Microsoft.ContainerRegistry/registries/shopreg', { sku: { name: 'Premium' } }],
} as const

/** Starts a sandbox with a store, a Cosmos DB account, an Azure OpenAI account and a registry, each with content. */
export async function openServices(options: SandboxOptions = {}) {
  const arm = await openArm({ registered: true, ...options })
  const { sandbox, simulator, state } = arm
  await arm.prepare()
  const ids = Object.fromEntries(
    Object.entries(accounts).map(([name, [path]]) => [name, `${arm.providers}/${path}`]),
  ) as Record<keyof typeof accounts, string>
  const put = async (id: string, json: unknown) => {
    const answer = await arm.call('PUT', id, json)
    if (answer.status >= 300) throw new Error(`${id}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer
  }
  for (const [name, [, body]] of Object.entries(accounts))
    await put(ids[name as keyof typeof accounts], { location: 'eastus', ...body })

  const database = `${ids.cosmos}/sqlDatabases/shop`
  await put(database, { properties: { resource: { id: 'shop' } } })
  await put(`${database}/containers/orders`, {
    properties: { resource: { id: 'orders', partitionKey: { paths: ['/customer'], kind: 'Hash' } } },
  })
  await put(`${ids.openAi}/deployments/chat`, {
    sku: { name: 'Standard', capacity: 1 },
    properties: { model: { format: 'OpenAI', name: 'gpt-4o', version: '2024-11-20' } },
  })
  await arm.call('POST', `${ids.registry}/importImage`, {
    source: { registryUri: 'mcr.microsoft.com', sourceImage: 'hello-world:latest' },
    targetTags: ['samples/hello:v1'],
  })

  const grant = (scope: string, role: keyof typeof serviceRoles, principalId: string, more: object = {}) =>
    put(`${scope}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`, {
      properties: {
        roleDefinitionId: `${arm.subscription}/providers/Microsoft.Authorization/roleDefinitions/${serviceRoles[role]}`,
        principalId,
        principalType: 'ServicePrincipal',
        ...more,
      },
    })
  /** Assigns a role of Cosmos DB at the account or a part of it, such as `/dbs/shop`. */
  const grantCosmos = (role: keyof typeof cosmosRoles, principalId: string, part = '') =>
    put(`${ids.cosmos}/sqlRoleAssignments/${randomUUID()}`, {
      properties: {
        roleDefinitionId: `${ids.cosmos}/sqlRoleDefinitions/${cosmosRoles[role]}`,
        scope: `${ids.cosmos}${part}`,
        principalId,
      },
    })
  /** Returns a new principal and its token for the audience. */
  const newCaller = async (audience: string) => {
    const { principal } = await arm.newPrincipal()
    const { token } = await mintAccessToken(simulator, { principal, audience, proof: 'certificate' })
    return { principalId: principal.id, token }
  }
  const hosts = {
    config: `https://shop-config.${simulator.hostSuffix('azconfig')}`,
    cosmos: `https://shop-cosmos.${simulator.hostSuffix('documents')}`,
    openAi: `https://shop-ai.${simulator.hostSuffix('openai')}`,
    registry: `https://shopreg.${simulator.hostSuffix('azurecr')}`,
  }
  const send = (url: string, options: Parameters<typeof request>[2] = {}): Promise<Answer> =>
    request(sandbox, url, options)
  return {
    ...arm,
    ids,
    hosts,
    put,
    grant,
    grantCosmos,
    newCaller,
    send,
    tokenFor: (audience: string) => operatorToken(sandbox, audience),
    operatorId: state.operator.objectId,
  }
}

/** The headers of a request to Cosmos DB. */
export const cosmosHeaders = (token: string) => ({
  authorization: `type=aad&ver=1.0&sig=${token}`,
  'x-ms-version': '2020-07-15',
  'x-ms-date': new Date().toUTCString(),
})
