/** The parts of an ARM ID in their original case. IDs are compared case-insensitively. */
export interface ResourceId {
  subscription: string
  group: string | undefined
  namespace: string | undefined
  /** The types and names after the namespace: `vaults/v/secrets/s` has two pairs. */
  path: { type: string; name: string }[]
}

export function parseResourceId(id: string): ResourceId {
  const segments = id.split('/').filter(Boolean)
  const after = (keyword: string) => {
    const index = segments.findIndex((segment) => segment.toLowerCase() === keyword)
    return index < 0 ? undefined : segments[index + 1]
  }
  const provider = segments.findIndex((segment) => segment.toLowerCase() === 'providers')
  const rest = provider < 0 ? [] : segments.slice(provider + 2)
  const path = []
  for (let index = 0; index + 1 < rest.length; index += 2)
    path.push({ type: rest[index]!, name: rest[index + 1]! })
  return {
    subscription: after('subscriptions') ?? '',
    group: after('resourcegroups'),
    namespace: after('providers'),
    path,
  }
}

export const resourceGroupOf = (id: string | undefined): string => parseResourceId(id ?? '').group ?? ''

export const equalsIgnoreCase = (one: string | undefined, other: string | undefined): boolean =>
  one?.toLowerCase() === other?.toLowerCase()
