import type { Simulator } from '../simulator.ts'
import { findCollection, newCollection } from './collections.ts'
import type { StorageData, Website } from './state.ts'

/** Turns the static website on or off. Turning it on creates the container `$web`; turning it off keeps it. */
export function setWebsite(simulator: Simulator, data: StorageData, website: Website): void {
  data.website = website.enabled ? website : { enabled: false }
  if (website.enabled && !findCollection(data.containers, '$web'))
    data.containers.$web = { ...newCollection(simulator, '$web'), blobs: [] }
}
