/** Returns an own property: keys come from callers, and `constructor` is a valid name of a secret. */
export const ownProperty = <T>(record: Record<string, T>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined
