import type { JsonObject } from '../state.ts'

/** Options that take the next argument as their value. */
const withValue = /^(-e|--eval|-p|--print|-pe|--input-type)$/
/** Options of Node.js that a pod may pass: none of them reads a file or changes what the process may do. */
const harmless =
  /^(-e|--eval|-p|--print|-pe|--input-type|--no-warnings|--enable-source-maps|--(max|stack|trace)-[\w-]+)(=.*)?$/

/** Returns the first option of Node.js that a pod may not pass, or `undefined`. */
export function rejectedOption(args: readonly string[]): string | undefined {
  for (let index = 0; index < args.length; index++) {
    const option = args[index]!
    // The script, or `--` before it: what follows is for the script.
    if (!option.startsWith('-') || option === '-' || option === '--') return undefined
    if (!harmless.test(option)) return option
    if (withValue.test(option)) index++
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
