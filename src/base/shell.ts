// Control, bidirectional and invisible characters, which a terminal doesn't show or a paste would run.
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** Characters that need no quotes in sh, bash and zsh, and our placeholder; zsh would expand a leading `=`. */
const bare = /^(?!=)[\w@%+=:,./…-]+$/

/** Returns the value as one word of a POSIX shell: unchanged, in single quotes, or by printf if it has hidden characters. */
export function quoted(value: string): string {
  if (bare.test(value)) return value
  if (hidden.test(value)) return printed(value)
  return `'${value.replaceAll("'", `'\\''`)}'`
}

/** Command substitution drops line breaks at the end, so these stay literal. */
function printed(value: string): string {
  const [, text = '', end = ''] = /^(.*?)(\n*)$/s.exec(value) ?? []
  const octal = (char: string) =>
    [...Buffer.from(char)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
  const format = text.replaceAll('%', '%%').replaceAll(/^-|[^\w@%+=:,./-]/gu, octal)
  return `"$(printf '${format}')"${end && `'${end}'`}`
}
