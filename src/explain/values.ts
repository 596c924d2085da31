/** Values extracted from a message, by name. */
export type Values = Record<string, string | undefined>

const optionalPart = /\[([^[\]]{0,200})\{(\w{1,40})\}([^[\]]{0,200})\]/g
const placeholder = /\{(\w{1,40})\|([^}]{0,200})\}/g

/** Returns a text with the values in its placeholders: `{name|fallback}`, and `[ of {name}]`, which needs the value. */
export const fillTemplate = (template: string, values: Values): string =>
  template
    .replace(optionalPart, (_, before: string, name: string, after: string) =>
      values[name] ? before + values[name] + after : '',
    )
    .replace(placeholder, (_, name: string, fallback: string) => values[name] || fallback)
