import type { Script } from '../../base/command.ts'
import type { KubeObject } from '../../clients/kubernetes.ts'
import { type AnyCheck, check, pass } from '../../engine/check.ts'
import { clientIdKey } from '../../steps/service-account.ts'
import { identityObjects } from '../objects/find-objects.ts'
import { objectKindOf } from '../objects/index.ts'
import { isClusterScoped, objectTitle } from '../objects/object-kind.ts'
import { usesWorkloadIdentity } from './cluster-workloads.ts'
import { type LintInput, workloadsCheck } from './find-workloads.ts'
import { loadLintContext } from './lint-context.ts'
import { findShapeError } from './manifest-shape.ts'
import { ManifestError, type ParsedManifest } from './parsed-manifest.ts'
import { usesOtherToken } from './token-source.ts'
import {
  accountNameOf,
  isWorkloadKind,
  type OpenObject,
  podSpecOf,
  type Workload,
  workloadTitle,
} from './workload.ts'

/** The workloads in manifests, and what the rules can't check. */
export interface ManifestLint extends LintInput {
  /** Descriptions of the objects that were ignored, and why. */
  leftAlone: string[]
  /** How many of the ignored objects create pods. */
  unjudged: number
  /** What only a check in a cluster can tell. */
  unseen: string[]
}

const knownApiVersions = new Set(['v1', 'apps/v1', 'batch/v1'])

/**
 * Returns the workloads among these objects. `namespace` is the default namespace; `account` is the service account
 * that has the identity, if known. Throws `ManifestError` for a malformed workload.
 */
export async function lintManifests(
  manifests: readonly ParsedManifest[],
  options: {
    namespace: string
    account: string | undefined
    audience: string
    command: (name: string) => Script
  },
): Promise<ManifestLint> {
  const objects = manifests.map(({ object, location }) => ({
    location,
    object: withNamespace(object, options.namespace),
  }))
  const accounts = objects.filter(
    ({ object }) =>
      object.kind === 'ServiceAccount' && object.metadata.annotations?.[clientIdKey] !== undefined,
  )
  const identityAccount = (namespace: string): string | undefined => {
    if (options.account !== undefined) return namespace === options.namespace ? options.account : undefined
    const candidates = accounts.filter(({ object }) => object.metadata.namespace === namespace)
    return candidates.length === 1 ? candidates[0]!.object.metadata.name : undefined
  }
  const all = objects.filter(({ object }) => isWorkload(object)).map(toWorkload)
  const context = await loadLintContext({
    settings: { audience: options.audience, identityAccount },
    workloads: [],
    objects: objects.map(({ object }) =>
      object.kind === 'Namespace' ? { ...object, metadata: { ...object.metadata, namespace: '' } } : object,
    ),
    command: options.command,
    deep: true,
  })
  const relevant = all.filter(
    (each) =>
      usesWorkloadIdentity(each, identityAccount(each.namespace) ?? '') || usesOtherToken(each, context),
  )
  const workloads = relevant.filter(isComplete)
  const objectContext = { ...context, workloads: all }
  const found = identityObjects(objects, objectContext)
  const judged = new Set(found.map(({ object }) => object))
  const unjudged = [
    ...relevant.filter((each) => !isComplete(each)).map(describePatch),
    ...unknownKinds(
      objects.filter(({ object }) => !judged.has(object)),
      accounts.map(({ object }) => object.metadata.name),
    ),
  ]
  if (!relevant.length && !found.length && !unjudged.length) unjudged.push(...accounts.map(describeAccount))
  return {
    workloads,
    context,
    objects: found,
    objectContext,
    unjudged: unjudged.length,
    leftAlone: [...unjudged, ...unrelated(all.length - relevant.length)],
    unseen: unseen(workloads, context),
  }
}

/** Returns the object with a namespace, unless its kind is known to have none. */
function withNamespace(object: KubeObject, namespace: string): KubeObject {
  const kind = objectKindOf(object)
  if (kind && isClusterScoped({ kind, object })) return object
  return { ...object, metadata: { namespace, ...object.metadata } } as KubeObject
}

function toWorkload({ object, location }: ParsedManifest): Workload {
  const error = findShapeError(object)
  if (error)
    throw new ManifestError(
      location.file,
      location.line(error.path),
      `${location.path(error.path)} ${error.problem}`,
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
}

/** Returns the titles of everything that is judged. */
export const titlesOf = ({ workloads, objects }: Pick<LintInput, 'workloads' | 'objects'>): string[] => [
  ...workloads.map(workloadTitle),
  ...objects.map(objectTitle),
]

/** Returns the check that passes with the workloads from manifests. */
export const manifestWorkloads = (lint: ManifestLint): AnyCheck =>
  check<LintInput>()({
    ...workloadsCheck,
    uses: [],
    needs: {},
    run: async () => pass(lint, titlesOf(lint).join(', ')),
  })

const isWorkload = ({ kind, apiVersion }: KubeObject) =>
  isWorkloadKind(kind) && knownApiVersions.has(apiVersion ?? '')

/** Reports whether the workload has an image. A Kustomize patch often has none. */
const isComplete = (workload: Workload): boolean =>
  ((podSpecOf(workload).containers ?? []) as OpenObject[]).some(({ image }) => image !== undefined)

const describePatch = (workload: Workload) =>
  `${workloadTitle(workload)}: no image, so probably a Kustomize patch: lint the rendered manifests instead`

const describeAccount = ({ object: { metadata } }: ParsedManifest) =>
  `ServiceAccount ${metadata.namespace}/${metadata.name}: has a client ID, but nothing in these files runs as it`

/** Returns descriptions of objects of unknown kinds that create pods or have settings of workload identity. */
function unknownKinds(objects: readonly ParsedManifest[], annotated: readonly string[]): string[] {
  return objects.flatMap(({ object }) => {
    if (isWorkload(object)) return []
    const { kind, apiVersion, metadata } = object
    const title = `${kind} ${metadata.namespace}/${metadata.name} (${apiVersion})`
    if (createsPods(object) && !objectKindOf(object)) return [`${title}: unknown kind`]
    return configuresIdentity(object, annotated)
      ? [`${title}: has workload identity settings, which are not checked for this kind`]
      : []
  })
}

/** Kinds whose settings the rules or other checks read. */
const knownKinds = [
  ...['ServiceAccount', 'Namespace', 'ConfigMap', 'Service', 'MutatingWebhookConfiguration'],
  'CustomResourceDefinition',
]

/** Keys and values of workload identity, in the words of many controllers. */
const identityWords =
  /"azure\.workload\.identity\/|"authType":"WorkloadIdentity"|"(provider|authMode)":"azure-?workload(-?identity)?"|"(useAzureWorkloadIdentity|use_azure_workload_identity|azureWorkloadIdentity)"|"OIDCTokenFile"|AZURE_FEDERATED_TOKEN_FILE|ARM_USE_AKS_WORKLOAD_IDENTITY/i

/**
 * Reports whether an object of another controller uses workload identity: it has one of these keys or values, or a service
 * account that has an identity.
 */
function configuresIdentity({ kind, ...object }: KubeObject, annotated: readonly string[]): boolean {
  if (knownKinds.includes(kind)) return false
  const text = JSON.stringify(object)
  return (
    identityWords.test(text) ||
    annotated.some((name) => text.includes(`"serviceAccountName":${JSON.stringify(name)}`))
  )
}

/** Reports whether the object contains containers with an image, like a ScaledJob or a Knative Service. */
const createsPods = ({ spec }: KubeObject): boolean => {
  const hasContainers = (value: unknown, depth: number): boolean => {
    if (typeof value !== 'object' || value === null || depth > 8) return false
    const { containers } = value as OpenObject
    if (Array.isArray(containers) && containers.some((each) => each?.image !== undefined)) return true
    return Object.values(value).some((each) => hasContainers(each, depth + 1))
  }
  return hasContainers(spec, 0)
}

const unrelated = (count: number) =>
  count === 0
    ? []
    : [`${count} ${count === 1 ? 'workload that does' : 'workloads that do'} not use workload identity`]

function unseen(workloads: readonly Workload[], context: LintInput['context']): string[] {
  const accounts = [
    ...new Set(
      workloads
        .filter((each) => accountNameOf(each) !== 'default')
        .filter((each) => {
          const found = context.serviceAccount(each.namespace, accountNameOf(each))
          return typeof found !== 'object' || found.metadata.annotations?.[clientIdKey] === undefined
        })
        .map((each) => `${each.namespace}/${accountNameOf(each)}`),
    ),
  ]
  return [
    ...(accounts.length
      ? [`service ${accounts.length === 1 ? 'account' : 'accounts'} ${accounts.join(', ')}`]
      : []),
    'the webhook',
    'running pods',
    'image contents (SDK versions)',
  ]
}
