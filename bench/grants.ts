import { openArm } from '../test/support/arm-session.ts'
import type { ProgramEnvironment } from '../test/support/environment.ts'

const account = 'Microsoft.Storage/storageAccounts/stbench'
const bus = 'Microsoft.ServiceBus/namespaces/sb-bench'
const cosmos = 'Microsoft.DocumentDB/databaseAccounts/cosmos-bench'

/** What the grants give access to, each after what contains it. */
const resources: readonly (readonly [path: string, body: object])[] = [
  [account, { location: 'eastus', kind: 'StorageV2', sku: { name: 'Standard_LRS' } }],
  [`${account}/blobServices/default/containers/invoices`, {}],
  [`${account}/queueServices/default/queues/orders`, {}],
  [bus, { location: 'eastus', sku: { name: 'Standard' } }],
  [`${bus}/queues/orders`, {}],
  [
    'Microsoft.AppConfiguration/configurationStores/config-bench',
    { location: 'eastus', sku: { name: 'Standard' } },
  ],
  [
    cosmos,
    { location: 'eastus', kind: 'GlobalDocumentDB', properties: { databaseAccountOfferType: 'Standard' } },
  ],
  [`${cosmos}/sqlDatabases/shop`, { properties: { resource: { id: 'shop' } } }],
]

/** The flags of five grants, each of another service. */
export const fiveGrants: readonly string[] = [
  'storage:stbench/invoices=reader',
  'queue:stbench/orders=reader',
  'servicebus:sb-bench/queue/orders=receiver',
  'appconfig:config-bench=reader',
  'cosmos:cosmos-bench/shop=reader',
].flatMap((grant) => ['--grant', grant])

/** Creates the resources of the grants in the sandbox of an environment. */
export async function createResources({ sandboxFolder }: ProgramEnvironment): Promise<void> {
  const { sandbox, call, subscription, state } = await openArm({ stateDir: sandboxFolder })
  const put = async (path: string, body: object) => {
    const { status } = await call('PUT', path, body)
    if (status >= 300) throw new Error(`${status} ${path}`)
  }
  try {
    for (const [path] of resources) {
      const namespace = path.split('/')[0]!
      state.arm.providers[namespace.toLowerCase()] = { namespace, registeredAt: 0 }
    }
    const group = `${subscription}/resourceGroups/rg-data`
    await put(group, { location: 'eastus' })
    for (const [path, body] of resources) await put(`${group}/providers/${path}`, body)
  } finally {
    await sandbox.close()
  }
}
