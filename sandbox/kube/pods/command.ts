import type { JsonObject } from '../state.ts'

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
