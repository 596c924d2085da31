import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Cloud } from '../../cloud.ts'
import { alreadyExists, badRequest, conflict, forbidden, invalid, notFound, required } from '../errors.ts'
import type { KubeCluster, KubeObject, Open } from '../state.ts'
import { admitPod, randomSuffix } from '../webhook/pod-admission.ts'
import { withDefaults } from './defaults.ts'
import { checkTypes } from './field-types.ts'
import { apply, recordUpdate, type Writer } from './managed-fields.ts'
import { isMap, withoutNulls } from './patches.ts'
import { groupVersion, type Resource, resourceOf } from './resources.ts'
import { list, read, timestamp, write } from './store.ts'
import { checkImmutable, validate } from './validation.ts'

/** Where a write goes and on whose behalf. */
export interface Target {
  cloud: Cloud
  cluster: KubeCluster
  of: Resource
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

const emptyStatus: Record<string, Open> = {
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

function checkHome({ cluster, of, namespace }: Target, name: string): void {
  if (!of.namespaced) return
  const home = read(cluster, resourceOf('Namespace'), '', namespace)
  if (!home) throw notFound(resourceOf('Namespace'), namespace)
  if (home.metadata.deletionTimestamp)
    throw forbidden(
      of,
      name,
      `unable to create new content in namespace ${namespace} because it is being terminated`,
    )
}

/** Refuses a body that is of another kind or for another place than the request. */
export function checkBody(
  { of, namespace }: Pick<Target, 'of' | 'namespace'>,
  sent: unknown,
  name?: string,
): Open {
  const body = withoutNulls(sent)
  if (!isMap(body)) throw badRequest('the object provided is unrecognized (must be of type Object)')
  checkTypes(of, body)
  const wanted = groupVersion(of)
  if (body.apiVersion && body.apiVersion !== wanted)
    throw badRequest(
      `the API version in the data (${body.apiVersion}) does not match the expected API version (${wanted})`,
    )
  if (body.kind && body.kind !== of.kind)
    throw badRequest(
      `${body.kind} in version ${JSON.stringify(of.version)} cannot be handled as a ${of.kind}`,
    )
  const metadata: Open = body.metadata ?? {}
  if (metadata.namespace && metadata.namespace !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  if (name !== undefined && metadata.name && metadata.name !== name)
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
  return body
}

function freeClusterIp(cluster: KubeCluster): string {
  const taken = new Set(list(cluster, resourceOf('Service')).map((each) => each.spec?.clusterIP))
  for (;;) {
    const [a, b] = [Math.floor(Math.random() * 256), 10 + Math.floor(Math.random() * 240)]
    const ip = `10.0.${a}.${b}`
    if (!taken.has(ip)) return ip
  }
}

function completed(target: Target, body: Open, uid: string): Open {
  const { of, cloud, cluster, namespace } = target
  const object = withDefaults(body)
  if (of.kind === 'Pod') return withDefaults(admitPod(cloud, cluster, object, namespace))
  if (of.kind === 'Service' && !object.spec.clusterIP && object.spec.type !== 'ExternalName') {
    const ip = freeClusterIp(cluster)
    return { ...object, spec: { ...object.spec, clusterIP: ip, clusterIPs: [ip] } }
  }
  if (of.kind === 'Job' && !object.spec.selector) {
    const own = { 'batch.kubernetes.io/controller-uid': uid }
    const { template } = object.spec
    const labels = {
      ...template.metadata?.labels,
      ...own,
      'batch.kubernetes.io/job-name': object.metadata.name,
      'controller-uid': uid,
      'job-name': object.metadata.name,
    }
    return {
      ...object,
      spec: {
        ...object.spec,
        selector: { matchLabels: own },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    }
  }
  return object
}

/** Creates the object through admission. Throws 404 for a missing namespace, 409 for a twin, 422. */
export function create(target: Target, body: Open, applied?: Open[]): KubeObject {
  const { cloud, cluster, of, namespace, writer, dryRun } = target
  const given: Open = body.metadata ?? {}
  checkHome(target, given.name ?? '')
  if (!given.name && !given.generateName)
    throw invalid(of, '', [required('metadata.name', 'name or generateName is required')])
  const { status: _, ...rest } = body
  const uid = randomUUID()
  const full = completed(target, { ...(of.status ? rest : body), kind: of.kind, metadata: { ...given } }, uid)
  const name = given.name || given.generateName.slice(0, 58) + randomSuffix()
  const { labels, annotations, ownerReferences, finalizers, generateName } = full.metadata
  const status = of.kind === 'Namespace' ? full.status : emptyStatus[of.kind]
  const { kind: _k, apiVersion: _a, metadata: _m, status: _s, ...content } = full
  const object = {
    kind: of.kind,
    apiVersion: groupVersion(of),
    metadata: {
      name,
      ...(generateName ? { generateName } : {}),
      ...(of.namespaced ? { namespace } : {}),
      uid,
      resourceVersion: '',
      ...(generations.has(of.kind) ? { generation: 1 } : {}),
      creationTimestamp: timestamp(cloud.now()),
      ...(isFull(labels) ? { labels } : {}),
      ...(isFull(annotations) ? { annotations } : {}),
      ...(ownerReferences?.length ? { ownerReferences } : {}),
      ...(finalizers?.length ? { finalizers } : {}),
    },
    ...content,
    ...(status ? { status } : of.status || full.status === undefined ? {} : { status: full.status }),
  } as KubeObject
  validate(of, object)
  if (read(cluster, of, object.metadata.namespace ?? '', name)) throw alreadyExists(of, name)
  own(object, applied ?? recordUpdate(of, undefined, object, writer))
  if (of.kind === 'Pod') {
    object.status = { phase: 'Pending', qosClass: 'BestEffort' }
    if (!dryRun) cluster.pods[uid] = { startsAt: cloud.now() + cloud.takes('podStart') }
  }
  if (!dryRun) return write(cloud, cluster, of, object)
  const { resourceVersion: _r, ...metadata } = object.metadata
  return { ...object, metadata } as KubeObject
}

function own(object: KubeObject, fields: Open[]): void {
  if (fields.length) object.metadata.managedFields = fields
}

const isFull = (map: unknown) => isMap(map) && Object.keys(map).length > 0

/** Puts `next` in the place of `before`, keeping what a client may not change. A write that changes nothing stores nothing. */
export function replace(target: Target, before: KubeObject, next: Open, applied?: Open[]): KubeObject {
  const { cloud, cluster, of, writer, dryRun } = target
  const { name } = before.metadata
  const asked: Open = next.metadata ?? {}
  if (asked.resourceVersion && asked.resourceVersion !== before.metadata.resourceVersion)
    throw conflict(of, name)
  if (asked.uid && asked.uid !== before.metadata.uid)
    throw conflict(
      of,
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
  const whole = withDefaults({ ...next, kind: of.kind, metadata: { ...asked, name } })
  const { labels, annotations, ownerReferences, finalizers } = onStatus ? before.metadata : whole.metadata
  const { kind: _k, apiVersion: _v, metadata: _m, status: asksStatus, ...content } = whole
  const { kind: _bk, apiVersion: _bv, metadata: _bm, status: hadStatus, ...hadContent } = before
  const status = onStatus || !of.status ? asksStatus : hadStatus
  const body = onStatus ? hadContent : content
  const metadata = {
    ...kept,
    ...(isFull(labels) ? { labels } : {}),
    ...(isFull(annotations) ? { annotations } : {}),
    ...(ownerReferences?.length ? { ownerReferences } : {}),
    ...(finalizers?.length ? { finalizers } : {}),
  }
  const object = {
    kind: of.kind,
    apiVersion: groupVersion(of),
    metadata,
    ...inOrder(body, hadContent),
    ...(status === undefined ? {} : { status }),
  } as KubeObject
  if (of.kind === 'Service' && !onStatus && !object.spec.clusterIP)
    object.spec = { ...object.spec, clusterIP: before.spec.clusterIP, clusterIPs: before.spec.clusterIPs }
  if (!onStatus) {
    validate(of, object)
    checkImmutable(of, before, object)
  }
  if (generations.has(of.kind) && !isDeepStrictEqual(bare(object), bare(before)))
    object.metadata.generation = (before.metadata.generation ?? 1) + 1
  const fields = applied ?? recordUpdate(of, before, object, writer)
  const same =
    isDeepStrictEqual(
      { ...object, metadata: { ...metadata, managedFields: 0 } },
      { ...before, metadata: { ...before.metadata, managedFields: 0 } },
    ) &&
    (!applied || isDeepStrictEqual(fields, managedFields ?? []))
  if (same) return before
  own(object, fields)
  return dryRun ? object : write(cloud, cluster, of, object)
}

const bare = ({ metadata: _m, status: _s, ...content }: Open) => content

const inOrder = (next: Open, before: Open): Open => {
  const known = Object.keys(before).filter((key) => key in next)
  const keys = [...known, ...Object.keys(next).filter((key) => !known.includes(key))]
  return Object.fromEntries(keys.map((key) => [key, next[key]]))
}

/** Server-side apply. Creates what isn't there; throws 409 for fields of other managers unless forced. */
export function applyTo(
  target: Target,
  name: string,
  body: Open,
  force: boolean,
): { object: KubeObject; created: boolean } {
  const { cluster, of, namespace, writer } = target
  if (!body.apiVersion || !body.kind)
    throw badRequest(
      `error decoding YAML: Object '${body.kind ? 'apiVersion' : 'Kind'}' is missing in '${JSON.stringify(body)}'`,
    )
  if (body.metadata?.managedFields?.length) throw badRequest('metadata.managedFields must be nil')
  const live = read(cluster, of, of.namespaced ? namespace : '', name)
  if (!live && writer.subresource) throw notFound(of, name)
  const wanted = { ...body, metadata: { ...body.metadata, name } }
  const { resourceVersion: asked, ...metadata } = wanted.metadata as Open
  if (live && asked && asked !== live.metadata.resourceVersion) throw conflict(of, name)
  if (!live && asked) throw notFound(of, name)
  if (body.metadata?.uid && body.metadata.uid !== live?.metadata.uid)
    throw conflict(
      of,
      name,
      `Precondition failed: UID in precondition: ${body.metadata.uid}, UID in object meta: ${live?.metadata.uid ?? ''}`,
    )
  const { object, managedFields } = apply(of, live, { ...wanted, metadata }, writer, force, withDefaults)
  return live
    ? { object: replace(target, live, object, managedFields), created: false }
    : { object: create(target, object, managedFields), created: true }
}
