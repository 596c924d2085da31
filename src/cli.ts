import { Command, CommanderError } from 'commander'
import { stripControlCharacters } from './base/control-characters.ts'
import { type Host, Interrupted } from './base/host.ts'
import { UsageError } from './base/usage-error.ts'
import { version } from './base/version.ts'
import { commands } from './commands/index.ts'
import { addSandbox, examples } from './commands/sandbox.ts'
import { addGlobals, addSecretSource, addSettings, type Globals } from './settings/flags.ts'
import type { SettingName } from './settings/settings.ts'
import { settingsTable } from './settings/table.ts'

/** Runs one command line. The result is the exit code: 0 done, 1 failed or unhealthy, 2 usage, 130 interrupted. */
export async function main(argv: string[], world: Host): Promise<number> {
  let code = 0
  try {
    await program(world, (result) => {
      code = result
    }).parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (error instanceof Interrupted) return 130
    const { usageText } = await import('./ui/outcome-text.ts')
    if (error instanceof UsageError) {
      if (wantsJson(argv, world)) {
        const { jsonDocument } = await import('./ui/json.ts')
        const word = argv.find((each) => commands[each] !== undefined) ?? 'setup'
        const refused = {
          code: 'Usage',
          what: error.message,
          why: [],
          remedy: 'npx wi-setup --help',
          original: undefined,
          trace: undefined,
        }
        world.stdout.write(
          `${JSON.stringify(jsonDocument({ command: word, ok: false, settings: {}, error: refused }))}\n`,
        )
      }
      world.stderr.write(usageText(error.message, world.stderr.isTTY ? world.columns : undefined))
      return 2
    }
    const { unexpectedText } = await import('./ui/outcome-text.ts')
    world.stderr.write(unexpectedText(error as Error, argv.includes('--debug')))
    return 1
  }
}

const wantsJson = (argv: string[], { env }: Host) =>
  argv.includes('--output=json') ||
  argv.some((each, index) => each === '--output' && argv[index + 1] === 'json') ||
  env.WI_SETUP_OUTPUT === 'json'

/** The command line: every command with its flags. Reports exit codes to `done`. */
export function program(world: Host, done: (code: number) => void): Command {
  const root = new Command('wi-setup')
    .description(commands['']!.description)
    .version(version(), '-V, --version')
    .configureOutput({
      writeOut: (text) => world.stdout.write(text),
      writeErr: (text) => world.stderr.write(text),
      outputError: (text, write) => write(stripControlCharacters(usage(text, root.args))),
    })
    .configureHelp({ helpWidth: Math.min(world.columns, 100) })

    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError('See wi-setup --help')
    .helpOption('-h, --help', 'this help')
  for (const [word, of] of Object.entries(commands)) {
    const command = word
      ? root.command(word).description(of.description).helpGroup('Commands:').exitOverride()
      : root
    addSettings(command, of.settings ?? settingsTable.map(({ name }) => name))
    if (of.secretSource) addSecretSource(command)
    for (const [flags, says] of of.more ?? []) command.option(flags, says)
    addGlobals(command, of.bare).addHelpText('after', examples(of.examples))
    if (of.operands) command.argument(...of.operands)
    command.action(async () => {
      // What was said before the word counts for it too.
      const options: Record<string, string | boolean | undefined> = { ...root.opts() }
      for (const [name, value] of Object.entries(command.opts()))
        if (command.getOptionValueSource(name) !== 'default') options[name] = value
      const flags: Partial<Record<SettingName, string | boolean>> = {}
      for (const { name } of settingsTable) if (options[name] !== undefined) flags[name] = options[name]
      done(await of.run({ world, word, flags, globals: options as Globals, operands: command.args }))
    })
  }
  addSandbox(root, world, done)
  return root
}

/** Commander's words for a wrong command line in ours. */
function usage(text: string, typed: readonly string[]): string {
  const [first] = typed
  return text
    .replace(/^error: /, 'wi-setup: ')
    .replace(
      /too many arguments.*/,
      first === undefined || first in commands
        ? 'settings are given by their names, like --vault kv-shop'
        : `${JSON.stringify(first)} is not a command`,
    )
}
