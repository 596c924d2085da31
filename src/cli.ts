import { CommanderError } from 'commander'
import { wiSetup } from './base/command.ts'
import { hostTarget } from './base/command-text.ts'
import { type Host, Interrupted } from './base/host.ts'
import { jsonText } from './base/json-text.ts'
import { UsageError } from './base/usage-error.ts'
import { commands } from './commands/index.ts'
import { buildProgram, type ParsedCommand } from './commands/program.ts'
import { generalValue } from './settings/general.ts'

/** Runs one command line. Returns the exit code: 0 done, 1 failed or unhealthy, 2 usage, 3 could not tell, 130 interrupted. */
export async function main(argv: string[], host: Host): Promise<number> {
  let exitCode = 0
  let parsed: ParsedCommand | undefined
  const program = buildProgram(host, async (command) => {
    parsed = command
    exitCode = await runParsed(command, host)
  })
  try {
    await program.parseAsync(argv, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (error instanceof Interrupted) return 130
    if (error instanceof UsageError) return reportUsageError(error, parsed, host)
    const { unexpectedText } = await import('./ui/error-text.ts')
    host.stderr.write(unexpectedText(error as Error, parsed?.general.debug === true))
    return 1
  }
}

/** Reads the settings file, resolves the general options and runs the command. */
async function runParsed(
  { spec, general, settings, flags, args }: ParsedCommand,
  host: Host,
): Promise<number> {
  const [{ readSettingsFile }, { repeatedFlags }, { resolveGeneral }] = await Promise.all([
    import('./session/saved-settings.ts'),
    import('./session/command-line.ts'),
    import('./settings/general.ts'),
  ])
  const usesFile = spec.general.includes('file')
  const file = readSettingsFile(host, general, { read: usesFile, mustExist: spec.requiresFile })
  const options = resolveGeneral(
    { flags: general, env: host.env, file: file.saved.general, filePath: file.name },
    spec,
  )
  return spec.run(
    {
      host,
      command: spec.name,
      options,
      settingFlags: settings,
      file,
      args,
      repeatedFlags: repeatedFlags(general, options),
      settingsOf: (name) => commands.find((each) => each.name === name)?.settings ?? [],
    },
    flags,
  )
}

async function reportUsageError(
  { message, commands: instead }: UsageError,
  parsed: ParsedCommand | undefined,
  host: Host,
): Promise<number> {
  const { usageText } = await import('./ui/error-text.ts')
  const target = hostTarget(host)
  const sources = { flags: parsed?.general ?? {}, env: host.env, file: {}, filePath: '' }
  if (generalValue('output', sources)?.value === 'json') {
    const { jsonDocument } = await import('./ui/json.ts')
    const error = {
      code: 'Usage',
      what: message,
      why: [],
      remedy: instead[0] ?? wiSetup('--help'),
      original: undefined,
      trace: undefined,
    }
    const command = parsed?.spec.name || 'setup'
    host.stdout.write(`${jsonText(jsonDocument({ command, ok: false, settings: {}, error, target }))}\n`)
  }
  const { isTTY } = host.stderr
  host.stderr.write(
    usageText(message, { commands: instead, target, ...(isTTY ? { columns: host.columns } : {}) }),
  )
  return 2
}
