import type { KubeObject } from '../../clients/kubernetes.ts'
import { type AnyCheck, check, pass } from '../../engine/check.ts'
import { clientIdKey } from '../../steps/service-account.ts'
import { type LintInput, workloadsCheck } from './checks.ts'
import { usesWorkloadIdentity } from './cluster-workloads.ts'
import { loadLintContext } from './lint-context.ts'
import { findShapeError } from './manifest-shape.ts'
import { ManifestError, type ParsedManifest } from './parsed-manifest.ts'
import {
  accountNameOf,
  isWorkloadKind,
  type OpenObject,
  podSpecOf,
  type Workload,
  workloadTitle,
} from './workload.ts'

/** What was in the manifests, and what of it could not be judged. */
export interface ManifestLint extends LintInput {
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
export async function lintManifests(
  given: readonly ParsedManifest[],
  of: {
    namespace: string
    account: string | undefined
    audience: string
    command: (word: string) => string
  },
): Promise<ManifestLint> {
  const written = given.map(({ object, location }) => ({
    location,
    object: { ...object, metadata: { namespace: of.namespace, ...object.metadata } } as KubeObject,
  }))
  const accounts = written.filter(
    ({ object }) =>
      object.kind === 'ServiceAccount' && object.metadata.annotations?.[clientIdKey] !== undefined,
  )
  const identityAccount = (namespace: string): string | undefined => {
    if (of.account !== undefined) return namespace === of.namespace ? of.account : undefined
    const own = accounts.filter(({ object }) => object.metadata.namespace === namespace)
    return own.length === 1 ? own[0]!.object.metadata.name : undefined
  }
  const all = written
    .filter(({ object }) => isWorkload(object))
    .map(({ object, location }): Workload => {
      const odd = findShapeError(object)
      if (odd)
        throw new ManifestError(
          location.file,
          location.line(odd.path),
          `${location.path(odd.path)} ${odd.what}`,
        )
      return {
        kind: object.kind as Workload['kind'],
        namespace: object.metadata.namespace!,
        name: object.metadata.name,
        object,
        pods: [],
        selectedByName: false,
        location,
        owner: undefined,
      }
    })
  const concerned = all.filter((each) => usesWorkloadIdentity(each, identityAccount(each.namespace) ?? ''))
  const workloads = concerned.filter(isWhole)
  const unjudged = [...concerned.filter((each) => !isWhole(each)).map(partial), ...foreign(written)]
  const context = await loadLintContext({
    settings: { audience: of.audience, identityAccount },
    workloads,
    objects: written.map(({ object }) =>
      object.kind === 'Namespace' ? { ...object, metadata: { ...object.metadata, namespace: '' } } : object,
    ),
    command: of.command,
    deep: true,
  })
  return {
    workloads,
    context,
    unjudged: unjudged.length,
    leftAlone: [...unjudged, ...unconcerned(all.length - concerned.length)],
    unseen: unseen(workloads, context),
  }
}

/** What finds the workloads when they have been read already. */
export const manifestWorkloads = (reading: ManifestLint): AnyCheck =>
  check<LintInput>()({
    ...workloadsCheck,
    uses: [],
    needs: {},
    run: async () => pass(reading, reading.workloads.map(workloadTitle).join(', ')),
  })

const isWorkload = ({ kind, apiVersion }: KubeObject) => isWorkloadKind(kind) && known.has(apiVersion ?? '')

/** A patch of Kustomize names only what it changes, and often no image. */
const isWhole = (workload: Workload): boolean =>
  ((podSpecOf(workload).containers ?? []) as OpenObject[]).some(({ image }) => image !== undefined)

const partial = (workload: Workload) =>
  `${workloadTitle(workload)}, which names no image, like a patch (kubectl kustomize DIR | npx wi-setup verify -f -)`

/** Kinds with a pod template that are not known here. */
const foreign = (written: readonly ParsedManifest[]) =>
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
    const { containers } = at as OpenObject
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

function unseen(workloads: readonly Workload[], around: LintInput['context']): string[] {
  const accounts = [
    ...new Set(
      workloads
        .filter((each) => accountNameOf(each) !== 'default')
        .filter((each) => {
          const found = around.serviceAccount(each.namespace, accountNameOf(each))
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
