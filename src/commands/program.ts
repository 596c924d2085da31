import { Command, Option } from 'commander'
import { wiSetup } from '../base/command.ts'
import { hostTarget, scriptText } from '../base/command-text.ts'
import { stripControlCharacters } from '../base/control-characters.ts'
import type { Host } from '../base/host.ts'
import { version } from '../base/package-file.ts'
import { type GeneralName, type GeneralValues, generalNames, generalOptions } from '../settings/general.ts'
import type { SettingName } from '../settings/settings.ts'
import { defaultText, flagName, flagOf, type SettingSpec, settingsTable } from '../settings/table.ts'
import { type CommandSpec, flagText, summaryOf } from './command.ts'
import { commandGroups, commands } from './index.ts'

/** One command line as commander parsed it: every option by its name, unchecked. */
export interface ParsedCommand {
  spec: CommandSpec
  general: GeneralValues
  settings: Partial<Record<SettingName, string | boolean | readonly string[]>>
  flags: Record<string, unknown>
  args: readonly string[]
}

/** Returns the command line of the program: every command with its flags and help. `run` gets what was parsed. */
export function buildProgram(host: Host, run: (parsed: ParsedCommand) => Promise<void>): Command {
  const target = hostTarget(host)
  const root = new Command('wi-setup')
    .version(version(), '-V, --version', 'Print the version')
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
      outputError: (text, write) => write(stripControlCharacters(text.replace(/^error: /, 'wi-setup: '))),
    })
    .configureHelp({
      helpWidth: Math.min(host.columns, 100),
      // In 80 columns, the descriptions have 38.
      minWidthToWrap: 30,
      subcommandTerm: (command) => command.name(),
    })
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError(`See ${scriptText(wiSetup('--help'), target)}`)
    .helpOption('-h, --help', 'Show help')
    .helpCommand('help [command]', 'Show help for a command')
  const start = scriptText(wiSetup(), target)
  /** Commands that have subcommands; a group has no action of its own. */
  const groups = new Map<string, Command>()
  for (const spec of commands) {
    const group = spec.name.split(' ').at(-2)
    if (group !== undefined && !groups.has(group))
      groups.set(group, root.command(group).description(commandGroups[group]!).helpGroup('Commands:'))
    const command = addCommand(spec, root, groups, start)
    if (group === undefined && spec.name) groups.set(spec.name, command)
    command.allowExcessArguments().action(async () => {
      const [unexpected] = command.args
      if (unexpected !== undefined && !spec.arguments) command.error(unexpectedArgument(spec, unexpected))
      await run(parsedCommand(spec, command))
    })
  }
  return root
}

function addCommand(
  spec: CommandSpec,
  root: Command,
  groups: ReadonlyMap<string, Command>,
  start: string,
): Command {
  const [group, name] = spec.name.includes(' ') ? spec.name.split(' ') : [undefined, spec.name]
  const parent = group === undefined ? root : groups.get(group)!
  const command = name ? parent.command(name).helpGroup('Commands:').exitOverride() : root
  command.description(spec.description).summary(summaryOf(spec))
  for (const setting of settingsTable)
    if (spec.settings.includes(setting.name))
      for (const option of settingOptions(setting)) command.addOption(option)
  for (const [key, flag] of Object.entries(spec.flags)) {
    const option = new Option(flagText(key, flag), flag.description)
    command.addOption(flag.group ? option.helpGroup(flag.group) : option)
  }
  for (const key of generalNames)
    if (spec.general.includes(key) || !spec.rejectsOtherOptions) command.addOption(generalOption(key, spec))
  if (spec.arguments) command.argument(...spec.arguments)
  const examples = spec.examples.map((line) => `  ${start} ${line}`).join('\n')
  return command.addHelpText('after', `\nExamples:\n${examples}`)
}

/** Returns a setting's flag; of a switch, also the flag that turns it off. */
function settingOptions(setting: SettingSpec): Option[] {
  const { name, group, kind, choices, placeholder, description } = setting
  const heading = `${group}:`
  const flag = flagOf(name)
  const fallback = defaultText(setting)
  const text = fallback === undefined ? description : `${description} (default: ${fallback})`
  if (kind === 'switch')
    return [
      new Option(flag, text).helpGroup(heading),
      new Option(flag.replace('--', '--no-'), `Turn off ${flag}`).helpGroup(heading),
    ]
  const option = new Option(`${flag} <${choices?.join('|') ?? placeholder ?? 'name'}>`, text).helpGroup(
    heading,
  )
  if (kind === 'list') option.argParser((value: string, before: string[] = []) => [...before, value])
  return [option]
}

function generalOption(name: GeneralName, { general, outputs }: CommandSpec): Option {
  const { flags, description } = generalOptions[name]
  const spelling = name === 'output' ? `--output <${outputs.join('|')}>` : flags
  return new Option(spelling, description).helpGroup('General:').hideHelp(!general.includes(name))
}

/** Groups the parsed options: general, settings, and the command's own. Options before its name count, too. */
function parsedCommand(spec: CommandSpec, command: Command): ParsedCommand {
  const options: Record<string, string | boolean | readonly string[] | undefined> = {}
  for (let level: Command | null = command; level; level = level.parent)
    for (const [name, value] of Object.entries(level.opts()))
      if (level.getOptionValueSource(name) !== 'default') options[name] ??= value
  const pick = (names: readonly string[]) =>
    Object.fromEntries(
      names.flatMap((name) => {
        const value = options[flagName(name)]
        return value === undefined ? [] : [[name, value]]
      }),
    )
  const ownFlags = Object.keys(spec.flags)
  return {
    spec,
    general: pick(generalNames),
    settings: pick(settingsTable.map(({ name }) => name).filter((name) => !ownFlags.includes(name))),
    flags: pick(ownFlags),
    args: command.args,
  }
}

const unexpectedArgument = ({ name }: CommandSpec, text: string) =>
  name
    ? `error: unexpected argument ${JSON.stringify(text)}; use flags, such as --vault kv-shop`
    : `error: ${JSON.stringify(text)} is not a command`
