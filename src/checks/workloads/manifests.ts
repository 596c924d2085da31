import { type Document, isMap, LineCounter, parseAllDocuments, visit } from 'yaml'
import type { KubeObject } from '../../clients/kubernetes.ts'
import { type AnyCheck, check, pass } from '../../engine/check.ts'
import { clientIdKey } from '../../steps/service-account.ts'
import { surroundings } from './around.ts'
import { finding, type Lint } from './checks.ts'
import { isConcerned } from './in-cluster.ts'
import { accountNameOf, isWorkloadKind, type Open, type Place, titleOf, type Workload } from './workload.ts'

/** A text with manifests; `-` is the standard input. */
export interface ManifestText {
  file: string
  text: string
}

/** An object with the place where it is written. */
export interface Written {
  object: KubeObject
  place: Place
}

/** A text that holds no manifests; `line` counts from 1. */
export class ManifestError extends Error {
  constructor(file: string, line: number, what: string) {
    super(`${file}:${line}: ${what}`)
    this.name = 'ManifestError'
  }
}

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

/** All objects of a text: many documents, Lists taken apart, empty documents left out. Throws `ManifestError`. */
export function parseManifests({ file, text }: ManifestText): Written[] {
  const counter = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter: counter })
  const many = (documents as Document[]).filter((each) => each.contents !== null).length > 1
  return (documents as Document[]).flatMap((document, index) => {
    const [error] = document.errors
    const template = templated(document)
    if (template !== undefined || (error && /\{\{/.test(text)))
      throw new ManifestError(
        file,
        counter.linePos(template ?? error!.pos[0]).line,
        'is a template; render it first: helm template … | npx wi-setup verify -f -',
      )
    if (error)
      throw new ManifestError(
        file,
        counter.linePos(error.pos[0]).line,
        error.message.split('\n')[0]!.replace(/ at line \d+.*$/, ''),
      )
    const whole: unknown = document.toJS()
    if (whole === null || whole === undefined) return []
    return objectsOf(whole).map(({ object, inside }): Written => {
      const place: Place = {
        file,
        document: many ? index + 1 : undefined,
        path: (path) => dotted([...inside, ...path]),
        line: (path) => lineOf(document, counter, [...inside, ...path]),
      }
      if (typeof object.kind !== 'string' || typeof object.metadata?.name !== 'string')
        throw new ManifestError(
          file,
          place.line([]),
          'is no Kubernetes object: kind or metadata.name is missing',
        )
      return { object: object as KubeObject, place }
    })
  })
}

function objectsOf(
  whole: unknown,
  inside: (string | number)[] = [],
): { object: Open; inside: (string | number)[] }[] {
  const object = (typeof whole === 'object' ? whole : {}) as Open
  if (!Array.isArray(object.items) || !String(object.kind).endsWith('List')) return [{ object, inside }]
  return object.items.flatMap((item: unknown, index: number) => objectsOf(item, [...inside, 'items', index]))
}

/** The key of a label or an annotation is left out: it has dots of its own, and is named beside it. */
const dotted = (path: readonly (string | number)[]) =>
  path
    .filter((step) => typeof step === 'number' || !step.includes('/'))
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '')

/** The line of the deepest part of the path that is there. */
function lineOf(document: Document, counter: LineCounter, path: readonly (string | number)[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    const range = (node as { range?: [number, number, number] } | undefined)?.range
    if (!range) continue
    const { line } = counter.linePos(range[0])
    // A map begins below its key: the key's line is where one looks.
    return length > 0 && isBelowKey(document, path.slice(0, length)) ? line - 1 : line
  }
  return 1
}

const isBelowKey = (document: Document, path: readonly (string | number)[]) => {
  const node = document.getIn(path, true) as { items?: unknown[]; flow?: boolean } | undefined
  return (
    typeof path.at(-1) === 'string' &&
    node?.items !== undefined &&
    node.flow !== true &&
    node.items.length > 0
  )
}

/** What was in the manifests, and what of it could not be judged. */
export interface Reading extends Lint {
  /** In words, what was left alone and why. */
  leftAlone: string[]
  /** In words, what only a cluster could tell. */
  unseen: string[]
}

const known = new Set(['v1', 'apps/v1', 'batch/v1'])

/**
 * Finds the workloads among these objects. `namespace` is where those go that name none; `account` the one that has the
 * identity, if that is known.
 */
export async function readManifests(
  given: readonly Written[],
  of: {
    namespace: string
    account: string | undefined
    audience: string
    command: (word: string) => string
  },
): Promise<Reading> {
  const written = given.map(({ object, place }) => ({
    place,
    object: { ...object, metadata: { namespace: of.namespace, ...object.metadata } } as KubeObject,
  }))
  const accounts = written.filter(
    ({ object }) =>
      object.kind === 'ServiceAccount' && object.metadata.annotations?.[clientIdKey] !== undefined,
  )
  const target = (namespace: string): string | undefined => {
    if (of.account !== undefined) return namespace === of.namespace ? of.account : undefined
    const own = accounts.filter(({ object }) => object.metadata.namespace === namespace)
    return own.length === 1 ? own[0]!.object.metadata.name : undefined
  }
  const all = written
    .filter(({ object }) => isWorkload(object))
    .map(
      ({ object, place }): Workload => ({
        kind: object.kind as Workload['kind'],
        namespace: object.metadata.namespace!,
        name: object.metadata.name,
        object,
        pods: [],
        named: false,
        place,
        maker: undefined,
      }),
    )
  const workloads = all.filter((each) => isConcerned(each, target(each.namespace) ?? ''))
  const around = await surroundings({
    settings: { audience: of.audience, target },
    workloads,
    objects: written.map(({ object }) =>
      object.kind === 'Namespace' ? { ...object, metadata: { ...object.metadata, namespace: '' } } : object,
    ),
    command: of.command,
    deep: true,
  })
  return {
    workloads,
    around,
    leftAlone: [...foreign(written), ...unconcerned(all.length - workloads.length)],
    unseen: unseen(workloads, around),
  }
}

/** What finds the workloads when they have been read already. */
export const workloadsRead = (reading: Reading): AnyCheck =>
  check<Lint>()({
    ...finding,
    uses: [],
    needs: {},
    run: async () => pass(reading, reading.workloads.map(titleOf).join(', ')),
  })

const isWorkload = ({ kind, apiVersion }: KubeObject) => isWorkloadKind(kind) && known.has(apiVersion ?? '')

/** Kinds with a pod template that are not known here. */
const foreign = (written: readonly Written[]) =>
  written
    .filter(({ object }) => !isWorkload(object) && makesPods(object))
    .map(
      ({ object: { kind, apiVersion, metadata } }) =>
        `${kind} ${metadata.namespace}/${metadata.name} (${apiVersion}), a kind that is not known here`,
    )

const makesPods = ({ spec }: KubeObject) =>
  [
    spec?.template?.spec?.containers,
    spec?.jobTemplate?.spec?.template?.spec?.containers,
    spec?.containers,
  ].some(Array.isArray)

const unconcerned = (count: number) =>
  count === 0
    ? []
    : [
        `${count} ${count === 1 ? 'workload that has' : 'workloads that have'} nothing to do with workload identity`,
      ]

function unseen(workloads: readonly Workload[], around: Lint['around']): string[] {
  const accounts = [
    ...new Set(
      workloads
        .filter((each) => accountNameOf(each) !== 'default')
        .filter((each) => {
          const found = around.account(each.namespace, accountNameOf(each))
          return typeof found !== 'object' || found.metadata.annotations?.[clientIdKey] === undefined
        })
        .map((each) => `${each.namespace}/${accountNameOf(each)}`),
    ),
  ]
  return [
    ...(accounts.length
      ? [`the service ${accounts.length === 1 ? 'account' : 'accounts'} ${accounts.join(', ')}`]
      : []),
    'the webhook',
    'running pods',
    'what the images hold (the age of SDKs)',
  ]
}
