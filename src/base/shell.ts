/** The shell that a printed command is pasted into. */
export type Shell = 'posix' | 'powershell' | 'cmd'

/** Returns the shell that the program was probably started from. */
export function userShell(env: Readonly<Record<string, string | undefined>>, platform: string): Shell {
  // Git Bash and Cygwin set SHELL.
  if (platform !== 'win32' || env.SHELL) return 'posix'
  // PowerShell adds the user's modules to the two paths that every process of Windows has.
  return (env.PSModulePath ?? '').split(';').length > 2 ? 'powershell' : 'cmd'
}

export interface QuotingStyle {
  shell: Shell
  /** False if the terminal shows ASCII only. */
  unicode: boolean
}

// Control, bidirectional and invisible characters, which a terminal doesn't show or a paste would run.
const hidden = /[\p{C}\p{Zl}\p{Zp}]/u
const beyondAscii = /[^ -~]/

/** Characters that need no quotes in sh, bash and zsh; a leading = would be expanded by zsh. */
const barePosix = /^(?!=)[\w@%+=:,./…-]+$/
const barePowerShell = /^(?!@)[\w+=:./\\…-]+$/
const bareCmd = /^[\w@+:./\\…-]+$/

/** Returns the value as one word of the shell: unchanged, or quoted. `…` marks what the user has to fill in. */
export function quoted(value: string, { shell, unicode }: QuotingStyle): string {
  const isHidden = hidden.test(value) || (!unicode && beyondAscii.test(value.replaceAll('…', '')))
  if (shell === 'posix') return quotedPosix(value, isHidden)
  return shell === 'powershell' ? quotedPowerShell(value, isHidden) : quotedCmd(value, isHidden)
}

function quotedPosix(value: string, isHidden: boolean): string {
  if (isHidden) return printed(value)
  return barePosix.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`
}

/** Returns a substitution that prints the value. It would drop line breaks at the end, so the user fills those in. */
function printed(value: string): string {
  if (value.endsWith('\n')) return '…'
  const octal = (char: string) =>
    [...Buffer.from(char)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
  const format = value.replaceAll('%', '%%').replaceAll(/[^\w@%+=:,./-]/gu, octal)
  // printf would take a leading dash for an option.
  return `"$(printf '${format.replace(/^-/, '\\055')}')"`
}

/** PowerShell takes typographic quotes for single quotes, and a quote that is doubled for the quote itself. */
function quotedPowerShell(value: string, isHidden: boolean): string {
  if (barePowerShell.test(value)) return value
  if (!isHidden) return `'${value.replaceAll(/['‘’‚‛]/g, '$&$&')}'`
  const codes = [...value].map((char) => `[char]::ConvertFromUtf32(${char.codePointAt(0)})`)
  return `(${codes.join('+')})`
}

/** cmd.exe can't take these literally at its prompt, so the user fills the value in. */
const unquotableInCmd = /["%!^]/

function quotedCmd(value: string, isHidden: boolean): string {
  if (bareCmd.test(value)) return value
  return isHidden || unquotableInCmd.test(value) ? '…' : `"${value}"`
}

/** Returns words for a POSIX shell, to add to a command. */
export const posixWords = (words: readonly string[]): string =>
  words.map((word) => quoted(word, { shell: 'posix', unicode: true })).join(' ')
