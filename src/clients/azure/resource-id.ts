/** The parts of an ARM id, in the id's own case; ids themselves compare without case. */
export interface ResourceId {
  subscription: string
  group: string | undefined
  namespace: string | undefined
  /** Types and names by turns below the namespace: `vaults/v/secrets/s` has two pairs. */
  path: { type: string; name: string }[]
}

export function parseResourceId(id: string): ResourceId {
  const segments = id.split('/').filter(Boolean)
  const after = (word: string) => {
    const at = segments.findIndex((segment) => segment.toLowerCase() === word)
    return at < 0 ? undefined : segments[at + 1]
  }
  const provider = segments.findIndex((segment) => segment.toLowerCase() === 'providers')
  const rest = provider < 0 ? [] : segments.slice(provider + 2)
  const path = []
  for (let at = 0; at + 1 < rest.length; at += 2) path.push({ type: rest[at]!, name: rest[at + 1]! })
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
