import type { JsonObject } from '../state.ts'

/** The `node` command line of a container, or undefined for one that doesn't run here. */
export function nodeArguments(container: JsonObject): string[] | undefined {
  if (!/(^|[/-])node([:@-]|$)/.test(container.image ?? '')) return undefined
  const words = [...(container.command ?? []), ...(container.args ?? [])] as string[]
  return /^(\/usr\/local\/bin\/|\/usr\/bin\/)?node$/.test(words[0] ?? '') ? words.slice(1) : undefined
}

/** True for a container whose script really runs here. */
export const isRunnable = (container: JsonObject): boolean => nodeArguments(container) !== undefined
