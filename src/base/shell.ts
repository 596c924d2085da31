/** Returns the value as one word of a POSIX shell: unchanged, or in single quotes. */
export const quoted = (value: string): string =>
  value === '…' || /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`
