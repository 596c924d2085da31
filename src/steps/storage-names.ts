import type { Settings } from '../settings/settings.ts'
import { parseGrants } from '../targets/parse-grant.ts'
import type { Grant } from '../targets/target.ts'

export type StorageSettings = Partial<Pick<Settings, 'grants' | 'createStorage'>>

/** Returns the grants on blobs whose account and container are created if they don't exist. */
export const creatableGrants = ({ createStorage, grants }: StorageSettings): Grant[] =>
  createStorage
    ? parseGrants(grants).filter(
        ({ target, resource }) => target.name === 'storage' && !resource.startsWith('/'),
      )
    : []

/** The names of the storage accounts that a set-up with these settings creates if they don't exist. */
export const creatableAccounts = (settings: StorageSettings): string[] =>
  creatableGrants(settings).map(({ resource }) => resource)
