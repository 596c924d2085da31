import { option, wiSetup } from '../base/command.ts'
import { quotedWords, type Shell } from '../base/shell.ts'
import { UsageError } from '../base/usage-error.ts'
import { type SensitiveValue, sensitiveValues } from '../settings/sensitive.ts'
import type { KnownSettings, SettingName, Settings } from '../settings/settings.ts'
import { flagOf } from '../settings/table.ts'
import type { Invocation } from './invocation.ts'
import { trustedOf, trustValues } from './trust-store.ts'

/** Asks for consent to what `text` lists; undefined if no prompt is possible. */
type AskConsent = ((text: string, question: string) => Promise<boolean>) | undefined

type TrustContext = Pick<Invocation, 'host' | 'file' | 'options'>

/** Returns the values of the settings file that this run uses and that the user has neither passed nor trusted before. */
function untrustedValues(
  { host, file, options }: TrustContext,
  known: KnownSettings,
  used: readonly SettingName[],
): SensitiveValue[] {
  const isUsed = ({ name }: SensitiveValue) =>
    name === 'cloud' ? options.cloudFromFile : used.includes(name) && known[name]?.source === 'file'
  const values = sensitiveValues(file.saved).filter(isUsed)
  const trusted = trustedOf(values, file.path, host)
  return values.filter((each) => !trusted.includes(each))
}

/**
 * Returns a function that returns only if the user has agreed to what the settings file makes a run contact, execute or
 * deploy: at a prompt, by passing the same values, or earlier. It throws a `UsageError` otherwise. Call it with the
 * settings that the run uses, before the first request.
 */
export function makeTrustGate(
  invocation: TrustContext,
  known: KnownSettings,
  ask: AskConsent,
): (used: readonly SettingName[]) => Promise<void> {
  const agreed = new Set<string>()
  return async (used) => {
    const values = untrustedValues(invocation, known, used).filter(({ name }) => !agreed.has(name))
    if (values.length === 0) return
    const { file } = invocation
    if (!ask) throw noConsentError(values, file.name, invocation.host.shell)
    if (!(await ask(consentText(values, file.name), 'Do you trust this')))
      throw new UsageError(`The settings in ${file.name} are not trusted; nothing was sent`)
    for (const { name } of values) agreed.add(name)
    remember(values, invocation)
  }
}

/** A run does not fail because its user's configuration can't be written; the next one asks again. */
function remember(values: readonly SensitiveValue[], { file, host }: TrustContext): void {
  try {
    trustValues(values, file.path, host)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
  }
}

/** Returns the complete value in ASCII, so that no character can hide, or look like another one. */
const shown = (value: string) =>
  value.replace(/[^ -~]/g, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** Returns one row for each value, and what wi-setup would do with it. */
export const consentText = (values: readonly SensitiveValue[], fileName: string): string =>
  values
    .map(
      ({ name, value, line, would }) =>
        `  ${fileName}:${line}  ${name}: ${shown(value)}\n    wi-setup would ${would}`,
    )
    .join('\n')

function noConsentError(values: readonly SensitiveValue[], fileName: string, shell: Shell): UsageError {
  const flags = values.flatMap(({ name, value }) => option(flagOf(name), value))
  return new UsageError(
    [
      `Can't ask for consent to the values in ${fileName}: no terminal`,
      '',
      consentText(values, fileName),
      '',
      '  To consent, pass the same values as WI_SETUP_* variables or flags:',
      `  ${quotedWords(flags, { shell, unicode: true })}`,
      '',
      '  Or, if you trust the file, run:',
    ].join('\n'),
    [wiSetup('trust', ...(fileName === 'wi-setup.yaml' ? [] : [fileName]))],
  )
}

/** Trusts those values of the file that this run used, and which the user therefore passed or agreed to. */
export function trustSaved(invocation: TrustContext, used: Partial<Settings>): void {
  const isUsed = ({ name, value }: SensitiveValue) =>
    (name === 'cloud' ? invocation.options.cloud : used[name]) === value
  remember(sensitiveValues(invocation.file.saved).filter(isUsed), invocation)
}
