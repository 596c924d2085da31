import type { JsonObject } from '../apis.ts'
import { type Fixture, type SeededFault, storagePath } from '../fault.ts'
import { assignReader, createPart, createStorage, partPath, type StoragePart } from '../storage-fixture.ts'
import { deleteRoles } from './targets.ts'

const patchAccount = (fixture: Fixture, properties: JsonObject) =>
  fixture.apis.arm('PATCH', storagePath(fixture), { properties })

const nounOf = (part: StoragePart) => (part === 'storage' ? 'container' : part)

const faultsOf = (part: StoragePart): SeededFault[] => [
  {
    code: 'WI903',
    description: `the role for the ${nounOf(part)} is deleted`,
    fixture: part,
    api: 'Resource Manager',
    seed: deleteRoles,
  },
  {
    code: 'WI904',
    description:
      part === 'storage' ? 'the role is at another container' : `the role is for blobs, not for the ${part}`,
    fixture: part,
    api: 'Resource Manager',
    seed: async (fixture) => {
      await deleteRoles(fixture)
      const account = storagePath(fixture)
      const scope = part === 'storage' ? `${account}/blobServices/default/containers/other` : account
      await assignReader(fixture, 'storage', scope)
    },
  },
  {
    code: 'WI907',
    description: `the ${nounOf(part)} of the grant is deleted`,
    fixture: part,
    api: 'Resource Manager',
    seed: (fixture) => fixture.apis.arm('DELETE', partPath(fixture, part)),
    manualRemedy: (fixture) => createPart(fixture, part),
  },
  {
    code: 'WI905',
    description: `the firewall of the ${nounOf(part)}'s storage account denies every address`,
    fixture: part,
    api: 'Resource Manager',
    seed: (fixture) => patchAccount(fixture, { networkAcls: { defaultAction: 'Deny' } }),
    manualRemedy: (fixture) => patchAccount(fixture, { networkAcls: { defaultAction: 'Allow' } }),
  },
]

/** Faults of grants in a storage account. */
export const storageFaults: SeededFault[] = [
  ...(['storage', 'queue', 'table'] as const).flatMap(faultsOf),
  {
    code: 'WI906',
    description: 'the storage account has no public network access',
    fixture: 'storage',
    api: 'Resource Manager',
    seed: (fixture) => patchAccount(fixture, { publicNetworkAccess: 'Disabled' }),
    manualRemedy: (fixture) => patchAccount(fixture, { publicNetworkAccess: 'Enabled' }),
  },
  {
    code: 'WI901',
    description: 'the storage account is deleted',
    fixture: 'storage',
    api: 'Resource Manager',
    seed: (fixture) => fixture.apis.arm('DELETE', storagePath(fixture)),
    manualRemedy: async (fixture) => {
      await createStorage(fixture, 'storage')
      await assignReader(fixture, 'storage', partPath(fixture, 'storage'))
    },
    discardFixture: true,
  },
]
