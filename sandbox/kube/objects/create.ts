import { randomUUID } from 'node:crypto'
import { alreadyExists, forbidden, invalidObject, notFound, requiredField } from '../errors.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import { admitPod, randomSuffix } from '../webhook/pod-admission.ts'
import { definitionStatus } from './custom-resources.ts'
import { pruned } from './custom-schema.ts'
import { withObjectDefaults } from './defaults.ts'
import { recordUpdate } from './managed-fields.ts'
import { hasGeneration, setManagedFields, writableMetadata } from './metadata.ts'
import { type ApiResource, groupVersion, resourceForKind } from './resources.ts'
import { formatTime, getObject, listObjects, storeObject } from './store.ts'
import { validate } from './validation.ts'
import type { WriteContext } from './write-context.ts'

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

function checkNamespace({ cluster, resource, namespace }: WriteContext, name: string): void {
  if (!resource.namespaced) return
  const found = getObject(cluster, resourceForKind('Namespace'), '', namespace)
  if (!found) throw notFound(resourceForKind('Namespace'), namespace)
  if (found.metadata.deletionTimestamp)
    throw forbidden(
      resource,
      name,
      `unable to create new content in namespace ${namespace} because it is being terminated`,
    )
}

function freeClusterIp(cluster: KubeCluster): string {
  const used = new Set(listObjects(cluster, resourceForKind('Service')).map((each) => each.spec?.clusterIP))
  for (;;) {
    const [a, b] = [Math.floor(Math.random() * 256), 10 + Math.floor(Math.random() * 240)]
    const ip = `10.0.${a}.${b}`
    if (!used.has(ip)) return ip
  }
}

function withJobSelector(job: JsonObject, uid: string): JsonObject {
  const selector = { 'batch.kubernetes.io/controller-uid': uid }
  const { template } = job.spec
  const labels = {
    ...template.metadata?.labels,
    ...selector,
    'batch.kubernetes.io/job-name': job.metadata.name,
    'controller-uid': uid,
    'job-name': job.metadata.name,
  }
  return {
    ...job,
    spec: {
      ...job.spec,
      selector: { matchLabels: selector },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  }
}

function admit(context: WriteContext, body: JsonObject, uid: string): JsonObject {
  const { resource, simulator, cluster, namespace } = context
  if (resource.custom) return pruned(body, resource.custom.schema) as JsonObject
  const object = withObjectDefaults(body)
  if (resource.kind === 'Pod') return withObjectDefaults(admitPod(simulator, cluster, object, namespace))
  if (resource.kind === 'Service' && !object.spec.clusterIP && object.spec.type !== 'ExternalName') {
    const ip = freeClusterIp(cluster)
    return { ...object, spec: { ...object.spec, clusterIP: ip, clusterIPs: [ip] } }
  }
  return resource.kind === 'Job' && !object.spec.selector ? withJobSelector(object, uid) : object
}

const initialStatus = (resource: ApiResource, sent: unknown) =>
  (resource.kind === 'Namespace' ? sent : resource.custom ? undefined : emptyStatus[resource.kind]) ??
  (resource.status ? undefined : sent)

/**
 * Creates an object through admission. `managedFields` replaces the entry that an update would record. Throws 404 for a
 * missing namespace, 409 for an existing object and 422 for an invalid one.
 */
export function createObject(
  context: WriteContext,
  body: JsonObject,
  managedFields?: JsonObject[],
): StoredObject {
  const { simulator, cluster, resource, namespace, writer, dryRun } = context
  const sent: JsonObject = body.metadata ?? {}
  checkNamespace(context, sent.name ?? '')
  if (!sent.name && !sent.generateName)
    throw invalidObject(resource, '', [requiredField('metadata.name', 'name or generateName is required')])
  const { status: _, ...rest } = body
  const uid = randomUUID()
  const admitted = admit(
    context,
    { ...(resource.status ? rest : body), kind: resource.kind, metadata: { ...sent } },
    uid,
  )
  const name = sent.name || sent.generateName.slice(0, 58) + randomSuffix()
  const { generateName } = admitted.metadata
  const { kind: _k, apiVersion: _a, metadata: _m, status: sentStatus, ...content } = admitted
  const status =
    resource.kind === 'CustomResourceDefinition'
      ? definitionStatus(content, formatTime(simulator.now()))
      : initialStatus(resource, sentStatus)
  const object = {
    kind: resource.kind,
    apiVersion: groupVersion(resource),
    metadata: {
      name,
      ...(generateName ? { generateName } : {}),
      ...(resource.namespaced ? { namespace } : {}),
      uid,
      resourceVersion: '',
      ...(hasGeneration(resource) ? { generation: 1 } : {}),
      creationTimestamp: formatTime(simulator.now()),
      ...writableMetadata(admitted.metadata),
    },
    ...content,
    ...(status === undefined ? {} : { status }),
  } as StoredObject
  validate(resource, object)
  if (getObject(cluster, resource, object.metadata.namespace ?? '', name)) throw alreadyExists(resource, name)
  setManagedFields(object, managedFields ?? recordUpdate(resource, undefined, object, writer))
  if (resource.kind === 'Pod') {
    object.status = { phase: 'Pending', qosClass: 'BestEffort' }
    if (!dryRun) cluster.pods[uid] = { startsAt: simulator.now() + simulator.durationOf('podStart') }
  }
  if (!dryRun) return storeObject(simulator, cluster, resource, object)
  const { resourceVersion: _r, ...metadata } = object.metadata
  return { ...object, metadata } as StoredObject
}
