import { databasesOf, postgresServer, type Resource, sqlServer } from './database-resources.ts'
import type { InProcessEnvironment } from './in-process.ts'

type Send = (method: string, path: string, json?: unknown) => Promise<unknown>

/** The services in which resources are created. */
interface Apis {
  arm: Send
  vault(name: string): Send
}

const account: Resource = [
  'Microsoft.Storage/storageAccounts/stshop',
  { kind: 'StorageV2', sku: { name: 'Standard_LRS' } },
]
const bus: Resource = ['Microsoft.ServiceBus/namespaces/sb-shop', { sku: { name: 'Standard' } }]
const hubs: Resource = ['Microsoft.EventHub/namespaces/eh-shop', { sku: { name: 'Standard' } }]
const cosmos: Resource = [
  'Microsoft.DocumentDB/databaseAccounts/shop-cosmos',
  { kind: 'GlobalDocumentDB', properties: { databaseAccountOfferType: 'Standard' } },
]
const database = `${cosmos[0]}/sqlDatabases/shop`

const group = '/resourceGroups/rg-shop'

/** What must exist for the example of each target, by its name. */
export const targetResources: Readonly<Record<string, readonly Resource[]>> = {
  // The set-up creates the vault and the secret.
  vault: [],
  'vault-keys': [],
  'vault-certificates': [],
  storage: [account, [`${account[0]}/blobServices/default/containers/invoices`, {}]],
  queue: [account, [`${account[0]}/queueServices/default/queues/orders`, {}]],
  table: [account, [`${account[0]}/tableServices/default/tables/Stock`, {}]],
  appconfig: [['Microsoft.AppConfiguration/configurationStores/shop-config', { sku: { name: 'Standard' } }]],
  cosmos: [
    cosmos,
    [database, { properties: { resource: { id: 'shop' } } }],
    [
      `${database}/containers/orders`,
      { properties: { resource: { id: 'orders', partitionKey: { paths: ['/customer'], kind: 'Hash' } } } },
    ],
  ],
  openai: [
    [
      'Microsoft.CognitiveServices/accounts/shop-ai',
      { kind: 'OpenAI', sku: { name: 'S0' }, properties: { customSubDomainName: 'shop-ai' } },
    ],
  ],
  acr: [['Microsoft.ContainerRegistry/registries/shopregistry', { sku: { name: 'Premium' } }]],
  sql: databasesOf(sqlServer),
  postgres: databasesOf(postgresServer),
  servicebus: [bus, [`${bus[0]}/queues/orders`, {}]],
  eventhub: [hubs, [`${hubs[0]}/eventhubs/clicks`, { properties: { partitionCount: 2 } }]],
  role: [],
}

/** Creates the vault kv-shop with a key and a certificate. Its name may be that of a deleted one. */
async function createVault({ sandbox: { state } }: InProcessEnvironment, apis: Apis): Promise<void> {
  const { tenant, operator } = state
  const location = 'eastus'
  const deleted = '/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv-shop'
  await apis.arm('POST', `${deleted}/purge`).catch(() => {})
  const all = ['get', 'list', 'create']
  const accessPolicies = [
    { tenantId: tenant.id, objectId: operator.objectId, permissions: { keys: all, certificates: all } },
  ]
  const sku = { family: 'A', name: 'standard' }
  const properties = { tenantId: tenant.id, sku, enableRbacAuthorization: false, accessPolicies }
  await apis.arm('PUT', `${group}/providers/Microsoft.KeyVault/vaults/kv-shop`, { location, properties })
  const inVault = apis.vault('kv-shop')
  await inVault('POST', '/keys/signing/create', { kty: 'RSA' })
  await inVault('POST', '/certificates/shop-tls/create', {
    policy: { x509_props: { subject: 'CN=shop.example' } },
  })
}

/** Creates what the example of a target is about. */
export async function createTarget(
  name: string,
  environment: InProcessEnvironment,
  apis: Apis,
): Promise<void> {
  const resources = targetResources[name]
  if (!resources) throw new Error(`test/support/target-resources.ts has nothing for ${name}`)
  await apis.arm('PUT', group, { location: 'eastus' })
  for (const [path, body] of resources)
    await apis.arm('PUT', `${group}/providers/${path}`, { location: 'eastus', ...body })
  if (name.startsWith('vault-')) await createVault(environment, apis)
}
