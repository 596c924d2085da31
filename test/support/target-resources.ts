/** A resource to create: its path below `…/providers/`, and its body. */
type Resource = readonly [path: string, body: object]

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

/** What must exist for the example of each target, by its name. */
export const targetResources: Readonly<Record<string, readonly Resource[]>> = {
  // The set-up creates the vault and the secret.
  vault: [],
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
  servicebus: [bus, [`${bus[0]}/queues/orders`, {}]],
  eventhub: [hubs, [`${hubs[0]}/eventhubs/clicks`, { properties: { partitionCount: 2 } }]],
  role: [],
}
