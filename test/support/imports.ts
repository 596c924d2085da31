import { dirname, join } from 'node:path'
import { parseSync } from 'oxc-parser'

/** What one source file uses of its surroundings. */
export interface SourceUse {
  path: string
  /** Paths of files in this repository, from its root. */
  files: string[]
  packages: string[]
  globals: string[]
  /** Names and texts of the file that are among the wanted ones, also as a property or a key. */
  mentions: string[]
}

type Node = Record<string, unknown> & { type: string }

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

/** A name that isn't a reference to a variable: `a.name`, `{ name: … }`. */
const isLabel = (parent: Node, key: string) =>
  parent.computed !== true &&
  !parent.shorthand &&
  ((parent.type === 'MemberExpression' && key === 'property') || key === 'key' || key === 'right')

/** Yields a node and those in it, each with whether it is a label. */
function* nodesOf(node: Node, asLabel = false): Generator<[node: Node, isLabel: boolean]> {
  yield [node, asLabel]
  for (const [key, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value])
      if (isNode(child)) yield* nodesOf(child, child.type === 'Identifier' && isLabel(node, key))
  }
}

/**
 * Returns the imports of a file, type imports included, those of `globals` that it refers to, and those of `mentioned`
 * that it has in any place.
 */
export function usesOf(
  path: string,
  text: string,
  globals: readonly string[],
  mentioned: readonly string[] = [],
): SourceUse {
  const { program, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]!.message}`)
  const imports = new Set<string>()
  const names = new Set<string>()
  const mentions = new Set<string>()
  for (const [node, isLabel] of nodesOf(program as unknown as Node)) {
    const word = String(node.type === 'Identifier' ? node.name : node.type === 'Literal' ? node.value : '')
    if (mentioned.includes(word)) mentions.add(word)
    const source = node.source as Node | null | undefined
    if (source?.type === 'Literal' && typeof source.value === 'string') imports.add(source.value)
    if (node.type === 'Identifier' && !isLabel && globals.includes(String(node.name)))
      names.add(String(node.name))
  }
  const relative = [...imports].filter((name) => name.startsWith('.'))
  return {
    path,
    files: relative.map((name) => join(dirname(path), name)),
    packages: [...imports].filter((name) => !name.startsWith('.')),
    globals: [...names],
    mentions: [...mentions],
  }
}

/** Returns the groups of files that import each other in a circle. */
export function cyclesOf(uses: readonly SourceUse[]): string[][] {
  const imports = new Map(uses.map(({ path, files }) => [path, files]))
  const order = new Map<string, number>()
  const lowest = new Map<string, number>()
  const stack: string[] = []
  const cycles: string[][] = []
  // Tarjan's algorithm for strongly connected components.
  const visit = (path: string) => {
    order.set(path, order.size)
    lowest.set(path, order.get(path)!)
    stack.push(path)
    for (const next of imports.get(path) ?? []) {
      if (!imports.has(next)) continue
      if (!order.has(next)) visit(next)
      else if (!stack.includes(next)) continue
      lowest.set(path, Math.min(lowest.get(path)!, lowest.get(next)!))
    }
    if (lowest.get(path) !== order.get(path)) return
    const group = stack.splice(stack.indexOf(path))
    if (group.length > 1 || imports.get(path)!.includes(path)) cycles.push(group.toSorted())
  }
  for (const path of imports.keys()) if (!order.has(path)) visit(path)
  return cycles
}
