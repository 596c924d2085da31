import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  visit,
  type YAMLError,
} from 'yaml'
import type { KubeObject } from '../../clients/kubernetes.ts'
import type { ManifestLocation, OpenObject } from './workload.ts'

/** A text with manifests, and what it is called. */
export interface ManifestText {
  file: string
  text: string
}

/** An object with the place where it is written. */
export interface ParsedManifest {
  object: KubeObject
  location: ManifestLocation
}

/** A text that holds no manifests; `line` counts from 1. */
export class ManifestError extends Error {
  constructor(file: string, line: number, what: string) {
    super(`${file}:${line}: ${what}`)
    this.name = 'ManifestError'
  }
}

const renderFirst = 'is a template; render it first: helm template … | npx wi-setup verify -f -'

/** Where a template's `{{ … }}` stands, which YAML takes for a map as a key. */
function templated(document: Document): number | undefined {
  let at: number | undefined
  visit(document, {
    Pair(_, { key }) {
      if (!isMap(key)) return undefined
      at = key.range?.[0]
      return visit.BREAK
    },
  })
  return at
}

/** A line that begins with `{{` or `{%`, or a value that does and is not quoted: no YAML would be meant. */
const templateLine = /^\s*(- +)?(\{\{|\{%)|:\s+\{\{/m

/**
 * All objects of a text: many documents, Lists taken apart, empty documents left out. Keys that stand twice, `<<` and
 * `generateName` are taken as kubectl takes them. Throws `ManifestError`; what is YAML but no Kubernetes object is
 * handed to `strange`, if that is given.
 */
export function parseManifests(
  { file, text }: ManifestText,
  strange?: (line: number) => void,
): ParsedManifest[] {
  if (/[\0\ufffd]/.test(text.slice(0, 4096))) throw new ManifestError(file, 1, 'is no text')
  const counter = new LineCounter()
  const parsed = parseAllDocuments(text, { lineCounter: counter, uniqueKeys: false, merge: true })
  const documents = parsed as Document[]
  const many = documents.filter((each) => each.contents !== null).length > 1
  const lineAt = (offset: number) => counter.linePos(offset).line
  return documents.flatMap((document, index) => {
    const [error] = document.errors as YAMLError[]
    const template = templated(document)
    if (template !== undefined || (error && templateLine.test(text)))
      throw new ManifestError(file, lineAt(template ?? error!.pos[0]), renderFirst)
    if (error)
      throw new ManifestError(
        file,
        lineAt(error.pos[0]),
        `is no YAML: ${error.message.split('\n')[0]!.replace(/ at line \d+.*$/, '')}`,
      )
    return objectsOf(plain(document, file)).flatMap(({ object, inside }): ParsedManifest[] => {
      const location: ManifestLocation = {
        file,
        document: many ? index + 1 : undefined,
        path: (path) => dotted([...inside, ...path]),
        line: (path) => lineOf(document, counter, [...inside, ...path]),
      }
      if (isObject(object)) return [{ object: named(object), location }]
      const line = location.line([])
      if (!strange)
        throw new ManifestError(file, line, 'is no Kubernetes object: kind or metadata.name is missing')
      strange(line)
      return []
    })
  })
}

function plain(document: Document, file: string): unknown {
  try {
    return document.toJS()
  } catch (error) {
    // Aliases of aliases that would fill the memory.
    throw new ManifestError(file, 1, `is no YAML that can be read: ${(error as Error).message}`)
  }
}

const isObject = ({ kind, metadata }: OpenObject): boolean =>
  typeof kind === 'string' &&
  [metadata?.name, metadata?.generateName].some((name) => typeof name === 'string')

/** What is named when it is made is called by the beginning of its name. */
const named = (object: OpenObject): KubeObject =>
  (typeof object.metadata.name === 'string'
    ? object
    : {
        ...object,
        metadata: { ...object.metadata, name: `${object.metadata.generateName}…` },
      }) as KubeObject

function objectsOf(
  whole: unknown,
  inside: (string | number)[] = [],
): { object: OpenObject; inside: (string | number)[] }[] {
  if (whole === null || whole === undefined) return []
  const object = (typeof whole === 'object' ? whole : {}) as OpenObject
  const { items = [] } = object
  if (!String(object.kind).endsWith('List') || !Array.isArray(items ?? [])) return [{ object, inside }]
  if (object.metadata?.name !== undefined) return [{ object, inside }]
  return (items ?? []).flatMap((item: unknown, index: number) => objectsOf(item, [...inside, 'items', index]))
}

/** The key of a label or an annotation is left out: it has dots of its own, and is named beside it. */
const dotted = (path: readonly (string | number)[]) =>
  path
    .filter((step) => typeof step === 'number' || !step.includes('/'))
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '')

/** The line of the deepest part of the path that is there: of a field that of its key, and the last of several. */
function lineOf(document: Document, counter: LineCounter, path: readonly (string | number)[]): number {
  let node: unknown = document.contents
  let at = rangeOf(node) ?? 0
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.findLast(({ key }) => isScalar(key) && key.value === step)
      if (!pair) break
      at = rangeOf(pair.key) ?? at
      node = pair.value
    } else if (isSeq(node) && typeof step === 'number' && node.items[step] !== undefined) {
      node = node.items[step]
      at = rangeOf(node) ?? at
    } else break
  }
  return counter.linePos(at).line
}

const rangeOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined)
