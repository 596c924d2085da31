import type { JsonObject } from '../state.ts'

/** Options that take the next argument as their value, unless it is an option itself. */
const withValue = new Set(['-e', '--eval', '-p', '--print', '-pe', '--input-type'])

/** The other options that a pod may pass: none of them names a file or changes what the process may do. */
const switches = new Set([
  '--no-warnings',
  '--enable-source-maps',
  '--trace-deprecation',
  '--trace-exit',
  '--trace-sigint',
  '--trace-sync-io',
  '--trace-uncaught',
  '--trace-warnings',
])

/** Limits. A number in the next argument would be taken for the script here, so it has to follow the `=`. */
const limit =
  /^--(max-http-header-size|max-old-space-size|max-semi-space-size|stack-size|stack-trace-limit)=\d+$/

const isPermitted = (option: string) =>
  withValue.has(option) ||
  switches.has(option) ||
  limit.test(option.replaceAll('_', '-')) ||
  /^--(eval|print|input-type)=/.test(option)

/** Returns the first option of Node.js that a pod may not pass, or `undefined`. */
export function rejectedOption(args: readonly string[]): string | undefined {
  for (let index = 0; index < args.length; index++) {
    const option = args[index]!
    // The script, or `--` before it: what follows is for the script.
    if (!option.startsWith('-') || option === '-' || option === '--') return undefined
    if (!isPermitted(option)) return option
    if (withValue.has(option) && !args[index + 1]?.startsWith('-')) index++
  }
  return undefined
}

/** Returns the arguments of `node`, or `undefined` for a container that the simulator doesn't run. */
export function nodeArguments(container: JsonObject): string[] | undefined {
  if (!/(^|[/-])node([:@-]|$)/.test(container.image ?? '')) return undefined
  const commandLine = [...(container.command ?? []), ...(container.args ?? [])] as string[]
  return /^(\/usr\/local\/bin\/|\/usr\/bin\/)?node$/.test(commandLine[0] ?? '')
    ? commandLine.slice(1)
    : undefined
}

/** True for a container that the simulator runs as a Node.js process. */
export const isRunnable = (container: JsonObject): boolean => nodeArguments(container) !== undefined
