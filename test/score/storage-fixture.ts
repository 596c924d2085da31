import type { JsonObject } from './apis.ts'
import { type Fixture, storagePath } from './fault.ts'

const parts = {
  storage: { path: '/blobServices/default/containers/orders', role: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1' },
  queue: { path: '/queueServices/default/queues/jobs', role: '19e7f393-937e-4f77-808e-94535e297925' },
  table: { path: '/tableServices/default/tables/stock', role: '76199698-9eea-4c19-bc75-cec21354c6b6' },
}

export type StoragePart = keyof typeof parts

/** Returns the ARM path of the container, queue or table. */
export const partPath = (fixture: Pick<Fixture, 'settings'>, part: StoragePart) =>
  `${storagePath(fixture)}${parts[part].path}`

type Place = Pick<Fixture, 'apis' | 'settings'>

export const createPart = ({ apis, settings }: Place, part: StoragePart): Promise<JsonObject> =>
  apis.arm('PUT', partPath({ settings }, part), { properties: {} })

/** Creates the storage account of the fixture with a container, a queue or a table. */
export async function createStorage(place: Place, part: StoragePart): Promise<void> {
  await place.apis.arm('PUT', storagePath(place), {
    location: 'eastus',
    kind: 'StorageV2',
    sku: { name: 'Standard_LRS' },
  })
  await createPart(place, part)
}

/** Returns the arguments of a set-up whose workload reads from it. */
export const storageGrant = (place: Pick<Fixture, 'settings'>, part: StoragePart): string[] => [
  '--grant',
  `${part}:${storagePath(place).split('/').at(-1)}/${parts[part].path.split('/').at(-1)}=reader`,
]

/** Assigns the role that reads from `part` at this scope. */
export const assignReader = ({ apis, settings, outputs }: Fixture, part: StoragePart, scope: string) =>
  apis.arm('PUT', `${scope}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`, {
    properties: {
      roleDefinitionId: `/subscriptions/${settings.subscription}/providers/Microsoft.Authorization/roleDefinitions/${parts[part].role}`,
      principalId: outputs.principalId,
      principalType: 'ServicePrincipal',
    },
  })
