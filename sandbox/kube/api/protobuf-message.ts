/**
 * Fields by number, with name and type. `*` before a type marks a repeated field, `map:` a map with string keys, and `?`
 * after it a field that JSON omits when it is zero. Fields without a name are inlined in JSON.
 */
export type Message = Record<number, [name: string, type: string]>

/** Returns a message from its fields, each with number, name and type; `inline` has the fields of another message. */
export const message = (fields: string): Message =>
  Object.fromEntries(
    fields
      .trim()
      .split(/\s*,\s*/)
      .map((field) => field.split(/\s+/))
      .map(([number, name = '', type = '']) => [Number(number), [name === 'inline' ? '' : name, type]]),
  )
