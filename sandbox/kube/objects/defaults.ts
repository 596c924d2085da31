import type { JsonObject } from '../state.ts'
import { isMap } from './patches.ts'

const probe = (value: JsonObject | undefined) =>
  value && {
    ...value,
    ...(value.httpGet ? { httpGet: { scheme: 'HTTP', ...value.httpGet } } : {}),
    failureThreshold: value.failureThreshold ?? 3,
    periodSeconds: value.periodSeconds ?? 10,
    successThreshold: value.successThreshold ?? 1,
    timeoutSeconds: value.timeoutSeconds ?? 1,
  }

const alwaysPulled = (image = '') => !/[:@][^/]+$/.test(image) || image.endsWith(':latest')

function container(object: JsonObject): JsonObject {
  const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'].filter((name) => object[name])
  return {
    ...object,
    imagePullPolicy: object.imagePullPolicy ?? (alwaysPulled(object.image) ? 'Always' : 'IfNotPresent'),
    resources: object.resources ?? {},
    terminationMessagePath: object.terminationMessagePath ?? '/dev/termination-log',
    terminationMessagePolicy: object.terminationMessagePolicy ?? 'File',
    ...(object.ports
      ? { ports: object.ports.map((port: JsonObject) => ({ ...port, protocol: port.protocol ?? 'TCP' })) }
      : {}),
    ...(object.env
      ? {
          env: object.env.map((each: JsonObject) =>
            each.valueFrom?.fieldRef
              ? { ...each, valueFrom: { fieldRef: { apiVersion: 'v1', ...each.valueFrom.fieldRef } } }
              : each,
          ),
        }
      : {}),
    ...Object.fromEntries(probes.map((name) => [name, probe(object[name])])),
  }
}

function volume(object: JsonObject): JsonObject {
  const [source] = ['configMap', 'secret', 'projected', 'downwardAPI'].filter((name) => isMap(object[name]))
  if (!source) return Object.keys(object).length === 1 ? { ...object, emptyDir: {} } : object
  const sources = object[source].sources?.map((each: JsonObject) =>
    each.serviceAccountToken
      ? { ...each, serviceAccountToken: { expirationSeconds: 3600, ...each.serviceAccountToken } }
      : each,
  )
  return { ...object, [source]: { defaultMode: 420, ...object[source], ...(sources ? { sources } : {}) } }
}

/** Fills in a pod's or a pod template's spec. */
function podSpec(object: JsonObject = {}): JsonObject {
  return {
    ...object,
    ...(object.containers ? { containers: object.containers.map(container) } : {}),
    ...(object.initContainers ? { initContainers: object.initContainers.map(container) } : {}),
    ...(object.volumes ? { volumes: object.volumes.map(volume) } : {}),
    ...(object.serviceAccountName ? { serviceAccount: object.serviceAccountName } : {}),
    dnsPolicy: object.dnsPolicy ?? 'ClusterFirst',
    restartPolicy: object.restartPolicy ?? 'Always',
    schedulerName: object.schedulerName ?? 'default-scheduler',
    securityContext: object.securityContext ?? {},
    terminationGracePeriodSeconds: object.terminationGracePeriodSeconds ?? 30,
  }
}

const template = (object: JsonObject = {}) => ({ ...object, spec: podSpec(object.spec) })

const rolling = { rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' }, type: 'RollingUpdate' }

const strategy = (object: JsonObject | undefined) =>
  object?.type === 'Recreate'
    ? { type: 'Recreate' }
    : { ...rolling, ...object, rollingUpdate: { ...rolling.rollingUpdate, ...object?.rollingUpdate } }

const webhook = (object: JsonObject): JsonObject => ({
  ...object,
  clientConfig: object.clientConfig?.service
    ? { ...object.clientConfig, service: { port: 443, ...object.clientConfig.service } }
    : object.clientConfig,
  failurePolicy: object.failurePolicy ?? 'Fail',
  matchPolicy: object.matchPolicy ?? 'Equivalent',
  namespaceSelector: object.namespaceSelector ?? {},
  objectSelector: object.objectSelector ?? {},
  reinvocationPolicy: object.reinvocationPolicy ?? 'Never',
  rules: object.rules?.map((rule: JsonObject) => ({ ...rule, scope: rule.scope ?? '*' })),
  timeoutSeconds: object.timeoutSeconds ?? 10,
})

const rbacGroup = 'rbac.authorization.k8s.io'
const binding = (object: JsonObject): JsonObject => ({
  ...object,
  ...(object.roleRef ? { roleRef: { apiGroup: rbacGroup, ...object.roleRef } } : {}),
  ...(object.subjects
    ? {
        subjects: object.subjects.map((each: JsonObject) =>
          each.kind === 'ServiceAccount' ? each : { apiGroup: rbacGroup, ...each },
        ),
      }
    : {}),
})

function secret(object: JsonObject): JsonObject {
  const { stringData, data, ...rest } = object
  const folded = Object.entries(stringData ?? {}).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ])
  const all = { ...data, ...Object.fromEntries(folded) }
  return { ...rest, ...(Object.keys(all).length ? { data: all } : {}), type: object.type ?? 'Opaque' }
}

const service = (object: JsonObject): JsonObject => ({
  ...object,
  spec: {
    ...object.spec,
    internalTrafficPolicy: object.spec?.internalTrafficPolicy ?? 'Cluster',
    ipFamilies: object.spec?.ipFamilies ?? ['IPv4'],
    ipFamilyPolicy: object.spec?.ipFamilyPolicy ?? 'SingleStack',
    ports: object.spec?.ports?.map((port: JsonObject) => ({
      ...port,
      protocol: port.protocol ?? 'TCP',
      targetPort: port.targetPort ?? port.port,
    })),
    sessionAffinity: object.spec?.sessionAffinity ?? 'None',
    type: object.spec?.type ?? 'ClusterIP',
  },
})

const job = (object: JsonObject): JsonObject => ({
  ...object,
  spec: {
    ...object.spec,
    backoffLimit: object.spec?.backoffLimit ?? 6,
    completionMode: object.spec?.completionMode ?? 'NonIndexed',
    completions: object.spec?.completions ?? 1,
    manualSelector: object.spec?.manualSelector ?? false,
    parallelism: object.spec?.parallelism ?? 1,
    podReplacementPolicy: object.spec?.podReplacementPolicy ?? 'TerminatingOrFailed',
    suspend: object.spec?.suspend ?? false,
    template: template(object.spec?.template),
  },
})

const byKind: Record<string, (object: JsonObject) => JsonObject> = {
  Pod: (object) => ({
    ...object,
    spec: { enableServiceLinks: true, ...podSpec(object.spec) },
  }),
  Deployment: (object) => ({
    ...object,
    spec: {
      ...object.spec,
      progressDeadlineSeconds: object.spec?.progressDeadlineSeconds ?? 600,
      replicas: object.spec?.replicas ?? 1,
      revisionHistoryLimit: object.spec?.revisionHistoryLimit ?? 10,
      strategy: strategy(object.spec?.strategy),
      template: template(object.spec?.template),
    },
  }),
  ReplicaSet: (object) => ({
    ...object,
    spec: { ...object.spec, replicas: object.spec?.replicas ?? 1, template: template(object.spec?.template) },
  }),
  StatefulSet: (object) => ({
    ...object,
    spec: {
      ...object.spec,
      persistentVolumeClaimRetentionPolicy: object.spec?.persistentVolumeClaimRetentionPolicy ?? {
        whenDeleted: 'Retain',
        whenScaled: 'Retain',
      },
      podManagementPolicy: object.spec?.podManagementPolicy ?? 'OrderedReady',
      replicas: object.spec?.replicas ?? 1,
      revisionHistoryLimit: object.spec?.revisionHistoryLimit ?? 10,
      template: template(object.spec?.template),
      updateStrategy: object.spec?.updateStrategy ?? {
        type: 'RollingUpdate',
        rollingUpdate: { partition: 0 },
      },
    },
  }),
  DaemonSet: (object) => ({
    ...object,
    spec: {
      ...object.spec,
      revisionHistoryLimit: object.spec?.revisionHistoryLimit ?? 10,
      template: template(object.spec?.template),
      updateStrategy: object.spec?.updateStrategy ?? {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: 0, maxUnavailable: 1 },
      },
    },
  }),
  Job: job,
  CronJob: (object) => ({
    ...object,
    spec: {
      ...object.spec,
      concurrencyPolicy: object.spec?.concurrencyPolicy ?? 'Allow',
      failedJobsHistoryLimit: object.spec?.failedJobsHistoryLimit ?? 1,
      jobTemplate: {
        ...object.spec?.jobTemplate,
        spec: {
          ...object.spec?.jobTemplate?.spec,
          template: template(object.spec?.jobTemplate?.spec?.template),
        },
      },
      successfulJobsHistoryLimit: object.spec?.successfulJobsHistoryLimit ?? 3,
      suspend: object.spec?.suspend ?? false,
    },
  }),
  Secret: secret,
  Service: service,
  RoleBinding: binding,
  ClusterRoleBinding: binding,
  MutatingWebhookConfiguration: (object) => ({
    ...object,
    ...(object.webhooks ? { webhooks: object.webhooks.map(webhook) } : {}),
  }),
  Namespace: (object) => ({
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name },
    },
    spec: { ...object.spec, finalizers: object.spec?.finalizers ?? ['kubernetes'] },
    status: object.status ?? { phase: 'Active' },
  }),
}

/** The object as the server completes it. */
export const withDefaults = (object: JsonObject): JsonObject => byKind[object.kind]?.(object) ?? object
