/** Returns a function that makes a value per subscription ID on demand, once each. `made` are those that exist. */
export function perSubscription<T>(
  make: (id: string) => T,
  made: readonly (readonly [id: string, value: T])[] = [],
): (id: string) => T {
  const values = new Map(made.map(([id, value]) => [id.toLowerCase(), value]))
  return (id) => {
    const key = id.toLowerCase()
    const value = values.get(key) ?? make(id)
    values.set(key, value)
    return value
  }
}
