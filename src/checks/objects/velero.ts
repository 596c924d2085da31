import { mapAt, textAt } from './fields.ts'
import type { ObjectKind } from './object-kind.ts'

const config = ['spec', 'config']

/** Where Velero stores backups. It signs in with the service account of its own pods. */
export const veleroLocation: ObjectKind = {
  group: 'velero.io',
  kinds: { BackupStorageLocation: 'backupstoragelocations' },
  uses: (object) =>
    /(^|\/)azure$/.test(textAt(object, ['spec', 'provider']) ?? '') &&
    mapAt(object, config).useAAD !== undefined,
  inspect(object) {
    const { useAAD: value } = mapAt(object, config)
    return [
      ...(typeof value === 'string'
        ? []
        : [
            {
              about: 'settings' as const,
              detail: 'has useAAD without quotes, so it is not a string and Kubernetes rejects the object',
              is: String(value),
              should: JSON.stringify(String(value)),
              field: [...config, 'useAAD'],
              edit: 'put the value in quotes',
            },
          ]),
      ...(textAt(object, [...config, 'storageAccount'])
        ? []
        : [
            {
              about: 'settings' as const,
              detail: 'has no storageAccount',
              is: '(none)',
              should: 'storageAccount',
              field: config,
              edit: 'set storageAccount',
            },
          ]),
    ]
  },
}
