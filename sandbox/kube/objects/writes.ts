import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Simulator } from '../../simulator.ts'
import {
  alreadyExists,
  badRequest,
  conflict,
  forbidden,
  invalidObject,
  notFound,
  requiredField,
} from '../errors.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import { admitPod, randomSuffix } from '../webhook/pod-admission.ts'
import { withDefaults } from './defaults.ts'
import { checkFieldTypes } from './field-types.ts'
import { mergeApply, recordUpdate, type Writer } from './managed-fields.ts'
import { isMap, withoutNulls } from './patches.ts'
import { type ApiResource, groupVersion, resourceForKind } from './resources.ts'
import { formatTime, getObject, listObjects, storeObject } from './store.ts'
import { checkImmutable, validate } from './validation.ts'

/** Where a write goes and on whose behalf. */
export interface WriteContext {
  simulator: Simulator
  cluster: KubeCluster
  resource: ApiResource
  namespace: string
  writer: Writer
  dryRun: boolean
}

const generations = new Set([
  'Deployment',
  'ReplicaSet',
  'Job',
  'Pod',
  'PodDisruptionBudget',
  'StatefulSet',
  'DaemonSet',
  'CronJob',
  'Ingress',
  'NetworkPolicy',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
])

const emptyStatus: Record<string, JsonObject> = {
  Deployment: {},
  ReplicaSet: { replicas: 0 },
  StatefulSet: { replicas: 0, availableReplicas: 0 },
  DaemonSet: {
    currentNumberScheduled: 0,
    desiredNumberScheduled: 0,
    numberMisscheduled: 0,
    numberReady: 0,
  },
  CronJob: {},
  Job: {},
  Service: { loadBalancer: {} },
  PodDisruptionBudget: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
}

function checkHome({ cluster, resource, namespace }: WriteContext, name: string): void {
  if (!resource.namespaced) return
  const home = getObject(cluster, resourceForKind('Namespace'), '', namespace)
  if (!home) throw notFound(resourceForKind('Namespace'), namespace)
  if (home.metadata.deletionTimestamp)
    throw forbidden(
      resource,
      name,
      `unable to create new content in namespace ${namespace} because it is being terminated`,
    )
}

/** Refuses a body that is of another kind or for another place than the request. */
export function checkBody(
  { resource, namespace }: Pick<WriteContext, 'resource' | 'namespace'>,
  sent: unknown,
  name?: string,
): JsonObject {
  const body = withoutNulls(sent)
  if (!isMap(body)) throw badRequest('the object provided is unrecognized (must be of type Object)')
  checkFieldTypes(resource, body)
  const wanted = groupVersion(resource)
  if (body.apiVersion && body.apiVersion !== wanted)
    throw badRequest(
      `the API version in the data (${body.apiVersion}) does not match the expected API version (${wanted})`,
    )
  if (body.kind && body.kind !== resource.kind)
    throw badRequest(
      `${body.kind} in version ${JSON.stringify(resource.version)} cannot be handled as a ${resource.kind}`,
    )
  const metadata: JsonObject = body.metadata ?? {}
  if (metadata.namespace && metadata.namespace !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  if (name !== undefined && metadata.name && metadata.name !== name)
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
  return body
}

function freeClusterIp(cluster: KubeCluster): string {
  const taken = new Set(listObjects(cluster, resourceForKind('Service')).map((each) => each.spec?.clusterIP))
  for (;;) {
    const [a, b] = [Math.floor(Math.random() * 256), 10 + Math.floor(Math.random() * 240)]
    const ip = `10.0.${a}.${b}`
    if (!taken.has(ip)) return ip
  }
}

function completed(target: WriteContext, body: JsonObject, uid: string): JsonObject {
  const { resource, simulator, cluster, namespace } = target
  const object = withDefaults(body)
  if (resource.kind === 'Pod') return withDefaults(admitPod(simulator, cluster, object, namespace))
  if (resource.kind === 'Service' && !object.spec.clusterIP && object.spec.type !== 'ExternalName') {
    const ip = freeClusterIp(cluster)
    return { ...object, spec: { ...object.spec, clusterIP: ip, clusterIPs: [ip] } }
  }
  if (resource.kind === 'Job' && !object.spec.selector) {
    const setManagedFields = { 'batch.kubernetes.io/controller-uid': uid }
    const { template } = object.spec
    const labels = {
      ...template.metadata?.labels,
      ...setManagedFields,
      'batch.kubernetes.io/job-name': object.metadata.name,
      'controller-uid': uid,
      'job-name': object.metadata.name,
    }
    return {
      ...object,
      spec: {
        ...object.spec,
        selector: { matchLabels: setManagedFields },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    }
  }
  return object
}

/** Creates the object through admission. Throws 404 for a missing namespace, 409 for a twin, 422. */
export function createObject(target: WriteContext, body: JsonObject, applied?: JsonObject[]): StoredObject {
  const { simulator, cluster, resource, namespace, writer, dryRun } = target
  const given: JsonObject = body.metadata ?? {}
  checkHome(target, given.name ?? '')
  if (!given.name && !given.generateName)
    throw invalidObject(resource, '', [requiredField('metadata.name', 'name or generateName is required')])
  const { status: _, ...rest } = body
  const uid = randomUUID()
  const full = completed(
    target,
    { ...(resource.status ? rest : body), kind: resource.kind, metadata: { ...given } },
    uid,
  )
  const name = given.name || given.generateName.slice(0, 58) + randomSuffix()
  const { labels, annotations, ownerReferences, finalizers, generateName } = full.metadata
  const status = resource.kind === 'Namespace' ? full.status : emptyStatus[resource.kind]
  const { kind: _k, apiVersion: _a, metadata: _m, status: _s, ...content } = full
  const object = {
    kind: resource.kind,
    apiVersion: groupVersion(resource),
    metadata: {
      name,
      ...(generateName ? { generateName } : {}),
      ...(resource.namespaced ? { namespace } : {}),
      uid,
      resourceVersion: '',
      ...(generations.has(resource.kind) ? { generation: 1 } : {}),
      creationTimestamp: formatTime(simulator.now()),
      ...(isFull(labels) ? { labels } : {}),
      ...(isFull(annotations) ? { annotations } : {}),
      ...(ownerReferences?.length ? { ownerReferences } : {}),
      ...(finalizers?.length ? { finalizers } : {}),
    },
    ...content,
    ...(status ? { status } : resource.status || full.status === undefined ? {} : { status: full.status }),
  } as StoredObject
  validate(resource, object)
  if (getObject(cluster, resource, object.metadata.namespace ?? '', name)) throw alreadyExists(resource, name)
  own(object, applied ?? recordUpdate(resource, undefined, object, writer))
  if (resource.kind === 'Pod') {
    object.status = { phase: 'Pending', qosClass: 'BestEffort' }
    if (!dryRun) cluster.pods[uid] = { startsAt: simulator.now() + simulator.durationOf('podStart') }
  }
  if (!dryRun) return storeObject(simulator, cluster, resource, object)
  const { resourceVersion: _r, ...metadata } = object.metadata
  return { ...object, metadata } as StoredObject
}

function own(object: StoredObject, fields: JsonObject[]): void {
  if (fields.length) object.metadata.managedFields = fields
}

const isFull = (map: unknown) => isMap(map) && Object.keys(map).length > 0

/** Puts `next` in the place of `before`, keeping what a client may not change. A write that changes nothing stores nothing. */
export function updateObject(
  target: WriteContext,
  before: StoredObject,
  next: JsonObject,
  applied?: JsonObject[],
): StoredObject {
  const { simulator, cluster, resource, writer, dryRun } = target
  const { name } = before.metadata
  const asked: JsonObject = next.metadata ?? {}
  if (asked.resourceVersion && asked.resourceVersion !== before.metadata.resourceVersion)
    throw conflict(resource, name)
  if (asked.uid && asked.uid !== before.metadata.uid)
    throw conflict(
      resource,
      name,
      `Precondition failed: UID in precondition: ${asked.uid}, UID in object meta: ${before.metadata.uid}`,
    )
  const {
    labels: _l,
    annotations: _a,
    ownerReferences: _o,
    finalizers: _f,
    managedFields,
    ...kept
  } = before.metadata
  const onStatus = writer.subresource === 'status'
  const whole = withDefaults({ ...next, kind: resource.kind, metadata: { ...asked, name } })
  const { labels, annotations, ownerReferences, finalizers } = onStatus ? before.metadata : whole.metadata
  const { kind: _k, apiVersion: _v, metadata: _m, status: asksStatus, ...content } = whole
  const { kind: _bk, apiVersion: _bv, metadata: _bm, status: hadStatus, ...hadContent } = before
  const status = onStatus || !resource.status ? asksStatus : hadStatus
  const body = onStatus ? hadContent : content
  const metadata = {
    ...kept,
    ...(isFull(labels) ? { labels } : {}),
    ...(isFull(annotations) ? { annotations } : {}),
    ...(ownerReferences?.length ? { ownerReferences } : {}),
    ...(finalizers?.length ? { finalizers } : {}),
  }
  const object = {
    kind: resource.kind,
    apiVersion: groupVersion(resource),
    metadata,
    ...inOrder(body, hadContent),
    ...(status === undefined ? {} : { status }),
  } as StoredObject
  if (resource.kind === 'Service' && !onStatus && !object.spec.clusterIP)
    object.spec = { ...object.spec, clusterIP: before.spec.clusterIP, clusterIPs: before.spec.clusterIPs }
  if (!onStatus) {
    validate(resource, object)
    checkImmutable(resource, before, object)
  }
  if (generations.has(resource.kind) && !isDeepStrictEqual(bare(object), bare(before)))
    object.metadata.generation = (before.metadata.generation ?? 1) + 1
  const fields = applied ?? recordUpdate(resource, before, object, writer)
  const same =
    isDeepStrictEqual(
      { ...object, metadata: { ...metadata, managedFields: 0 } },
      { ...before, metadata: { ...before.metadata, managedFields: 0 } },
    ) &&
    (!applied || isDeepStrictEqual(fields, managedFields ?? []))
  if (same) return before
  own(object, fields)
  return dryRun ? object : storeObject(simulator, cluster, resource, object)
}

const bare = ({ metadata: _m, status: _s, ...content }: JsonObject) => content

const inOrder = (next: JsonObject, before: JsonObject): JsonObject => {
  const known = Object.keys(before).filter((key) => key in next)
  const keys = [...known, ...Object.keys(next).filter((key) => !known.includes(key))]
  return Object.fromEntries(keys.map((key) => [key, next[key]]))
}

/** Server-side apply. Creates what isn't there; throws 409 for fields of other managers unless forced. */
export function applyObject(
  target: WriteContext,
  name: string,
  body: JsonObject,
  force: boolean,
): { object: StoredObject; created: boolean } {
  const { cluster, resource, namespace, writer } = target
  if (!body.apiVersion || !body.kind)
    throw badRequest(
      `error decoding YAML: Object '${body.kind ? 'apiVersion' : 'Kind'}' is missing in '${JSON.stringify(body)}'`,
    )
  if (body.metadata?.managedFields?.length) throw badRequest('metadata.managedFields must be nil')
  const live = getObject(cluster, resource, resource.namespaced ? namespace : '', name)
  if (!live && writer.subresource) throw notFound(resource, name)
  const wanted = { ...body, metadata: { ...body.metadata, name } }
  const { resourceVersion: asked, ...metadata } = wanted.metadata as JsonObject
  if (live && asked && asked !== live.metadata.resourceVersion) throw conflict(resource, name)
  if (!live && asked) throw notFound(resource, name)
  if (body.metadata?.uid && body.metadata.uid !== live?.metadata.uid)
    throw conflict(
      resource,
      name,
      `Precondition failed: UID in precondition: ${body.metadata.uid}, UID in object meta: ${live?.metadata.uid ?? ''}`,
    )
  const { object, managedFields } = mergeApply(
    resource,
    live,
    { ...wanted, metadata },
    writer,
    force,
    withDefaults,
  )
  return live
    ? { object: updateObject(target, live, object, managedFields), created: false }
    : { object: createObject(target, object, managedFields), created: true }
}
