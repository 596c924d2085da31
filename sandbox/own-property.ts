/** What the record itself holds: names come from callers, and `constructor` is one that may be given to a secret. */
export const ownProperty = <T>(record: Record<string, T>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined
