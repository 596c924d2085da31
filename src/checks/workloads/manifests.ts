import type { KubeObject } from '../../clients/kubernetes.ts'
import { type AnyCheck, check, pass } from '../../engine/check.ts'
import { clientIdKey } from '../../steps/service-account.ts'
import { surroundings } from './around.ts'
import { finding, type Lint } from './checks.ts'
import { isConcerned } from './in-cluster.ts'
import { misshapen } from './shape.ts'
import { accountNameOf, isWorkloadKind, type Open, podSpecOf, titleOf, type Workload } from './workload.ts'
import { ManifestError, type Written } from './written.ts'

/** What was in the manifests, and what of it could not be judged. */
export interface Reading extends Lint {
  /** In words, what was left alone and why. */
  leftAlone: string[]
  /** How many of those make pods all the same. */
  unjudged: number
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
    .map(({ object, place }): Workload => {
      const odd = misshapen(object)
      if (odd)
        throw new ManifestError(place.file, place.line(odd.path), `${place.path(odd.path)} ${odd.what}`)
      return {
        kind: object.kind as Workload['kind'],
        namespace: object.metadata.namespace!,
        name: object.metadata.name,
        object,
        pods: [],
        named: false,
        place,
        maker: undefined,
      }
    })
  const concerned = all.filter((each) => isConcerned(each, target(each.namespace) ?? ''))
  const workloads = concerned.filter(isWhole)
  const unjudged = [...concerned.filter((each) => !isWhole(each)).map(partial), ...foreign(written)]
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
    unjudged: unjudged.length,
    leftAlone: [...unjudged, ...unconcerned(all.length - concerned.length)],
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

/** A patch of Kustomize names only what it changes, and often no image. */
const isWhole = (workload: Workload): boolean =>
  ((podSpecOf(workload).containers ?? []) as Open[]).some(({ image }) => image !== undefined)

const partial = (workload: Workload) =>
  `${titleOf(workload)}, which names no image, like a patch (kubectl kustomize DIR | npx wi-setup verify -f -)`

/** Kinds with a pod template that are not known here. */
const foreign = (written: readonly Written[]) =>
  written
    .filter(({ object }) => !isWorkload(object) && makesPods(object))
    .map(
      ({ object: { kind, apiVersion, metadata } }) =>
        `${kind} ${metadata.namespace}/${metadata.name} (${apiVersion}), a kind that is not known here`,
    )

/** Somewhere in it stand containers with an image: a ScaledJob, a Knative service, a policy that generates jobs. */
const makesPods = ({ spec }: KubeObject): boolean => {
  const holds = (at: unknown, depth: number): boolean => {
    if (typeof at !== 'object' || at === null || depth > 8) return false
    const { containers } = at as Open
    if (Array.isArray(containers) && containers.some((each) => each?.image !== undefined)) return true
    return Object.values(at).some((each) => holds(each, depth + 1))
  }
  return holds(spec, 0)
}

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
