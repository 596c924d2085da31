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

/** The text of a manifest file. */
export interface ManifestText {
  file: string
  text: string
}

/** An object with its location. */
export interface ParsedManifest {
  object: KubeObject
  location: ManifestLocation
}

/** Thrown for a file that can't be read as manifests. `line` counts from 1. */
export class ManifestError extends Error {
  constructor(file: string, line: number, problem: string) {
    super(`${file}:${line}: ${problem}`)
    this.name = 'ManifestError'
  }
}

const renderFirst = 'is a template. Render it first (helm template), and pipe the result to verify -f -'

/** Returns the offset of a template's `{{ … }}`, which YAML parses as a map used as a key. */
function findTemplate(document: Document): number | undefined {
  let offset: number | undefined
  visit(document, {
    Pair(_, { key }) {
      if (!isMap(key)) return undefined
      offset = key.range?.[0]
      return visit.BREAK
    },
  })
  return offset
}

/** A line or unquoted value that starts with `{{` or `{%`, which no YAML file intends. */
const templateLine = /^\s*(- +)?(\{\{|\{%)|:\s+\{\{/m

/**
 * Returns all objects of a file, with Lists expanded and empty documents dropped. Duplicate keys, `<<` and
 * `generateName` are handled as in kubectl. Throws `ManifestError`; a document that isn't a Kubernetes object goes to
 * `onOther` instead, if given.
 */
export function parseManifests(
  { file, text }: ManifestText,
  onOther?: (line: number) => void,
): ParsedManifest[] {
  if (/[\0\ufffd]/.test(text.slice(0, 4096))) throw new ManifestError(file, 1, 'is not a text file')
  const counter = new LineCounter()
  const parsed = parseAllDocuments(text, { lineCounter: counter, uniqueKeys: false, merge: true })
  const documents = parsed as Document[]
  const hasSeveral = documents.filter((each) => each.contents !== null).length > 1
  const lineAt = (offset: number) => counter.linePos(offset).line
  return documents.flatMap((document, index) => {
    const [error] = document.errors as YAMLError[]
    const template = findTemplate(document)
    if (template !== undefined || (error && templateLine.test(text)))
      throw new ManifestError(file, lineAt(template ?? error!.pos[0]), renderFirst)
    if (error)
      throw new ManifestError(
        file,
        lineAt(error.pos[0]),
        `is not valid YAML: ${error.message.split('\n')[0]!.replace(/ at line \d+.*$/, '')}`,
      )
    return objectsOf(toPlain(document, file)).flatMap(({ object, parents }): ParsedManifest[] => {
      const location: ManifestLocation = {
        file,
        document: hasSeveral ? index + 1 : undefined,
        path: (path) => formatPath([...parents, ...path]),
        line: (path) => lineOf(document, counter, [...parents, ...path]),
      }
      if (isObject(object)) return [{ object: withName(object), location }]
      const line = location.line([])
      if (!onOther)
        throw new ManifestError(file, line, 'is not a Kubernetes object: kind or metadata.name is missing')
      onOther(line)
      return []
    })
  })
}

function toPlain(document: Document, file: string): unknown {
  try {
    return document.toJS()
  } catch (error) {
    // The parser rejects aliases that expand exponentially.
    throw new ManifestError(file, 1, `is not readable YAML: ${(error as Error).message}`)
  }
}

const isObject = ({ kind, metadata }: OpenObject): boolean =>
  typeof kind === 'string' &&
  [metadata?.name, metadata?.generateName].some((name) => typeof name === 'string')

/** Returns the object with a name; with `generateName`, the prefix and an ellipsis. */
const withName = (object: OpenObject): KubeObject =>
  (typeof object.metadata.name === 'string'
    ? object
    : {
        ...object,
        metadata: { ...object.metadata, name: `${object.metadata.generateName}…` },
      }) as KubeObject

function objectsOf(
  document: unknown,
  parents: (string | number)[] = [],
): { object: OpenObject; parents: (string | number)[] }[] {
  if (document === null || document === undefined) return []
  const object = (typeof document === 'object' ? document : {}) as OpenObject
  const { items = [] } = object
  if (!String(object.kind).endsWith('List') || !Array.isArray(items ?? [])) return [{ object, parents }]
  if (object.metadata?.name !== undefined) return [{ object, parents }]
  return (items ?? []).flatMap((item: unknown, index: number) =>
    objectsOf(item, [...parents, 'items', index]),
  )
}

/** Returns a path like `spec.containers[0]`. Label and annotation keys are dropped, because they contain dots. */
const formatPath = (path: readonly (string | number)[]) =>
  path
    .filter((step) => typeof step === 'number' || !step.includes('/'))
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '')

/** Returns the line of the deepest existing part of the path: that of the key, and of the last duplicate. */
function lineOf(document: Document, counter: LineCounter, path: readonly (string | number)[]): number {
  let node: unknown = document.contents
  let offset = offsetOf(node) ?? 0
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.findLast(({ key }) => isScalar(key) && key.value === step)
      if (!pair) break
      offset = offsetOf(pair.key) ?? offset
      node = pair.value
    } else if (isSeq(node) && typeof step === 'number' && node.items[step] !== undefined) {
      node = node.items[step]
      offset = offsetOf(node) ?? offset
    } else break
  }
  return counter.linePos(offset).line
}

const offsetOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined)
