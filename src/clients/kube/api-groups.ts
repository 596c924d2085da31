import type { Call } from './list-pages.ts'

interface ApiGroups {
  groups: {
    name: string
    versions?: { groupVersion: string }[]
    preferredVersion: { groupVersion: string }
  }[]
}

export interface ApiGroup {
  name: string
  /** As in `apps/v1`; the preferred one first. A kind of the group may be served in some of them only. */
  versions: string[]
}

/** Returns the API groups that the cluster serves, without the core group. */
export async function listGroups(call: Call): Promise<ApiGroup[]> {
  const { groups } = await call<ApiGroups>('GET', '/apis')
  return groups.map(({ name, versions = [], preferredVersion }) => ({
    name,
    versions: [...new Set([preferredVersion, ...versions].map(({ groupVersion }) => groupVersion))],
  }))
}
