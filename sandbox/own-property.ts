/** Returns an own property: keys come from callers, and `constructor` is a valid name of a secret. */
export const ownProperty = <T>(record: Record<string, T>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined

/** Returns an own property, which is created if it is missing. */
export function ownOrNew<T>(record: Record<string, T>, key: string, create: () => T): T {
  const found = ownProperty(record, key)
  if (found !== undefined) return found
  const made = create()
  record[key] = made
  return made
}
