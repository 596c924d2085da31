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

/**
 * Returns the value as programs of Windows parse their command line: in double quotes, with a backslash before each
 * double quote, and with the backslashes doubled that precede one (learn: "Parsing C command-line arguments").
 */
const quotedForWindows = (value: string) =>
  `"${value.replaceAll(/(?<!\\)(\\*)"/g, '$1$1\\"').replace(/(?<!\\)\\+$/, '$&$&')}"`

/**
 * Returns whether Windows PowerShell 5.1 would pass the value wrongly: it drops empty values and the double quotes in a
 * value, and doesn't double the backslashes before the closing quote that it adds (learn: about_Parsing, "Passing
 * arguments that contain quote characters").
 */
export const needsLegacyPassing = (value: string): boolean =>
  value === '' || value.includes('"') || (/\s/.test(value) && value.endsWith('\\'))

/**
 * Returns commands for PowerShell that pass the values for which `needsLegacyPassing` is true. `quoted` quotes those for
 * the program. PowerShell 7.3 would do that once more, except where this preference has the behavior of 5.1, which
 * ignores it.
 */
export const withLegacyPassing = (words: readonly string[]): string[] => [
  ...['&', '{', '$PSNativeCommandArgumentPassing', '=', "'Legacy'", ';'],
  ...words,
  '}',
]

/** PowerShell takes typographic quotes for single quotes, and a quote that is doubled for the quote itself. */
function quotedPowerShell(value: string, isHidden: boolean): string {
  if (barePowerShell.test(value)) return value
  const passed = needsLegacyPassing(value) ? quotedForWindows(value) : value
  if (!isHidden) return `'${passed.replaceAll(/['‘’‚‛]/g, '$&$&')}'`
  const codes = [...passed].map((char) => `[char]::ConvertFromUtf32(${char.codePointAt(0)})`)
  return `(${codes.join('+')})`
}

/** cmd.exe can't take these literally at its prompt, so the user fills the value in. */
const unquotableInCmd = /[%!^]/
/** After a double quote within a value, cmd.exe takes these for operators. */
const operatorsInCmd = /[&|<>()]/

function quotedCmd(value: string, isHidden: boolean): string {
  if (bareCmd.test(value)) return value
  const isUnquotable = unquotableInCmd.test(value) || (value.includes('"') && operatorsInCmd.test(value))
  return isHidden || isUnquotable ? '…' : quotedForWindows(value)
}

/**
 * Returns words to add to a command. In PowerShell, those that only a complete command can pass are left to the user.
 */
export const quotedWords = (words: readonly string[], style: QuotingStyle): string =>
  words
    .map((word) => (style.shell === 'powershell' && needsLegacyPassing(word) ? '…' : quoted(word, style)))
    .join(' ')
