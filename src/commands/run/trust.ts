import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { wiSetup } from '../../base/command.ts'
import { stripControlCharacters } from '../../base/control-characters.ts'
import { jsonText } from '../../base/json-text.ts'
import { UsageError } from '../../base/usage-error.ts'
import type { Invocation } from '../../session/invocation.ts'
import { consentText } from '../../session/require-trust.ts'
import { readSettingsFile } from '../../session/saved-settings.ts'
import {
  listedPath,
  readTrustedFiles,
  trustedOf,
  trustValues,
  writeTrustedFiles,
} from '../../session/trust-store.ts'
import { type SensitiveValue, sensitiveValues } from '../../settings/sensitive.ts'
import { flagOf } from '../../settings/table.ts'
import { documentHead } from '../../ui/json.ts'

type TrustInvocation = Pick<Invocation, 'host' | 'file' | 'options'>

/** Returns the settings file that the argument means, and the folder from which its relative paths start. */
function settingsFileOf({ host, file }: TrustInvocation, argument: string | undefined) {
  if (argument === undefined) return { path: file.path, cwd: host.cwd }
  const path = resolve(host.cwd, argument)
  return statSync(path, { throwIfNoEntry: false })?.isDirectory()
    ? { path: join(path, 'wi-setup.yaml'), cwd: path }
    : { path, cwd: host.cwd }
}

function sensitiveOf({ host }: TrustInvocation, path: string): SensitiveValue[] {
  const { saved } = readSettingsFile(host, { file: path }, { read: true, mustExist: true })
  return sensitiveValues(saved)
}

/** Trusts the values of a settings file, and shows them. */
export function trustFile(invocation: TrustInvocation, argument: string | undefined): number {
  const { path, cwd } = settingsFileOf(invocation, argument)
  if (!existsSync(path)) throw new UsageError(`There is no settings file ${path}`)
  const values = sensitiveOf(invocation, path)
  const { options } = invocation
  const host = { ...invocation.host, cwd }
  if (!options.dryRun) {
    trustValues(values, path, host)
    const left = values.filter((each) => !trustedOf(values, path, host).includes(each))
    if (left.length)
      throw new UsageError(
        `${left.map(({ name }) => flagOf(name)).join(', ')} can't be trusted: what it names is unreadable, or larger than 20 MB\n  pass it as a flag`,
      )
  }
  write(invocation, { file: listedPath(path), trusted: !options.dryRun, values }, () =>
    values.length
      ? `${options.dryRun ? 'Would trust' : 'Trusted'}: ${listedPath(path)}\n\n${consentText(values, path)}\n`
      : `Nothing in ${listedPath(path)} needs trust\n`,
  )
  return 0
}

/** Forgets that a settings file was trusted, also if it is gone. */
export function revokeTrust(invocation: TrustInvocation, argument: string | undefined): number {
  const { host, options } = invocation
  const { path } = settingsFileOf(invocation, argument)
  const files = readTrustedFiles(host)
  // A folder that is gone can't be told from a file.
  const file = [listedPath(path), join(path, 'wi-setup.yaml')].find((each) => Object.hasOwn(files, each))
  if (file === undefined)
    throw new UsageError(`${path} is not trusted; to list what is:`, [wiSetup('trust', '--list')])
  const { [file]: _, ...others } = files
  if (!options.dryRun) writeTrustedFiles(host, others)
  write(invocation, { file, revoked: !options.dryRun }, () =>
    options.dryRun ? `Would no longer trust: ${file}\n` : `No longer trusted: ${file}\n`,
  )
  return 0
}

/** Lists the trusted settings files, and whether they have changed since. */
export function listTrusted(invocation: TrustInvocation): number {
  const { host } = invocation
  const files = Object.entries(readTrustedFiles(host)).map(([file, { since, cwd, digests }]) => ({
    file,
    since,
    settings: Object.keys(digests),
    state: stateOf(invocation, file, cwd ?? dirname(file)),
  }))
  write(invocation, { files }, () =>
    files.length
      ? files
          .map(
            ({ file, since, settings, state }) =>
              `${file}\n  ${settings.join(', ')}; trusted on ${since.slice(0, 10)}${state === 'unchanged' ? '' : `; ${state}`}\n`,
          )
          .join('')
      : 'No settings file is trusted\n',
  )
  return 0
}

function stateOf(
  invocation: TrustInvocation,
  file: string,
  cwd: string,
): 'unchanged' | 'changed since' | 'deleted' {
  if (!existsSync(file)) return 'deleted'
  try {
    const values = sensitiveOf(invocation, file)
    return trustedOf(values, file, { ...invocation.host, cwd }).length === values.length
      ? 'unchanged'
      : 'changed since'
  } catch {
    return 'changed since'
  }
}

function write({ host, options }: TrustInvocation, document: object, text: () => string): void {
  host.stdout.write(
    options.output === 'json'
      ? `${jsonText({ ...documentHead('trust', true), ...document })}\n`
      : stripControlCharacters(text()),
  )
}
