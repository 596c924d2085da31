import type { Invocation } from '../session/invocation.ts'
import { type GeneralName, generalNames, type Output } from '../settings/general.ts'
import type { SettingName } from '../settings/settings.ts'
import { flagOf, settingsTable } from '../settings/table.ts'

/** A flag of one command. Its long form follows from its key: `inCluster` is `--in-cluster`. */
export interface Flag {
  /** One line for help, ending with the default. */
  description: string
  /** Single letter: `f` for `-f`. */
  short?: string
  /** Placeholder of its value; a flag without one is a switch. */
  value?: string
  /** Placeholder of its values; the flag takes one or more. */
  values?: string
  /** Heading in help; `Options` if left out. */
  group?: string
}

type FlagValue<F extends Flag> = F extends { values: string }
  ? string[]
  : F extends { value: string }
    ? string
    : boolean

/** The values of a command's flags. */
export type FlagValues<Flags extends Record<string, Flag>> = {
  -readonly [Name in keyof Flags]?: FlagValue<Flags[Name]>
}

interface CommandOptions<Flags extends Record<string, Flag>> {
  /** As typed; empty for the complete set-up, two words for a subcommand. */
  name: string
  description: string
  /** Settings that it takes; all if left out. */
  settings?: readonly SettingName[]
  /** General options that matter to it; all if left out. Others are accepted, ignored and not in its help. */
  general?: readonly GeneralName[]
  /** True if other general options are errors instead. */
  rejectsOtherOptions?: boolean
  /** Values of --output; text and json if left out. */
  outputs?: readonly Output[]
  /** True if the file of --file must exist, because the command never writes it. */
  requiresFile?: boolean
  /** Positional arguments, if it takes any: `[code...]`. */
  arguments?: readonly [name: string, description: string]
  flags?: Flags
  /** Command lines without the program's name; they work when pasted. */
  examples: readonly string[]
  /** Returns the exit code. */
  run(invocation: Invocation, flags: FlagValues<Flags>): Promise<number>
}

/** A command with its defaults filled in. */
export interface CommandSpec
  extends Required<Omit<CommandOptions<Record<string, Flag>>, 'arguments' | 'run'>> {
  arguments?: readonly [name: string, description: string]
  /** `flags`: the values of the command's own flags. */
  run(invocation: Invocation, flags: Record<string, unknown>): Promise<number>
}

/** Returns the spec of a command; the types of its flags' values follow from `flags`. */
export function command<const Flags extends Record<string, Flag> = Record<never, Flag>>(
  options: CommandOptions<Flags>,
): CommandSpec {
  return {
    settings: settingsTable.map(({ name }) => name),
    general: generalNames,
    outputs: ['text', 'json'],
    rejectsOtherOptions: false,
    requiresFile: false,
    flags: {},
    ...options,
  } as CommandSpec
}

/** Returns the first line of the description, as a title for lists of commands. */
export const summaryOf = ({ description }: Pick<CommandSpec, 'description'>): string =>
  description.split('\n')[0]!.replace(/\.$/, '')

/** Returns a flag as help shows it: `-f, --manifest <path...>`. */
export function flagText(name: string, { short, value, values }: Flag): string {
  const placeholder = values ? ` <${values}...>` : value ? ` <${value}>` : ''
  return `${short ? `-${short}, ` : ''}${flagOf(name)}${placeholder}`
}
