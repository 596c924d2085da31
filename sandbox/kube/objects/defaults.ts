import type { JsonObject } from '../state.ts'
import { isMap } from './patches.ts'

const withProbeDefaults = (value: JsonObject | undefined) =>
  value && {
    ...value,
    ...(value.httpGet ? { httpGet: { scheme: 'HTTP', ...value.httpGet } } : {}),
    failureThreshold: value.failureThreshold ?? 3,
    periodSeconds: value.periodSeconds ?? 10,
    successThreshold: value.successThreshold ?? 1,
    timeoutSeconds: value.timeoutSeconds ?? 1,
  }

const pullsAlways = (image = '') => !/[:@][^/]+$/.test(image) || image.endsWith(':latest')

function withContainerDefaults(object: JsonObject): JsonObject {
  const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'].filter((name) => object[name])
  return {
    ...object,
    imagePullPolicy: object.imagePullPolicy ?? (pullsAlways(object.image) ? 'Always' : 'IfNotPresent'),
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
    ...Object.fromEntries(probes.map((name) => [name, withProbeDefaults(object[name])])),
  }
}

function withVolumeDefaults(object: JsonObject): JsonObject {
  const [source] = ['configMap', 'secret', 'projected', 'downwardAPI'].filter((name) => isMap(object[name]))
  if (!source) return Object.keys(object).length === 1 ? { ...object, emptyDir: {} } : object
  const sources = object[source].sources?.map((each: JsonObject) =>
    each.serviceAccountToken
      ? { ...each, serviceAccountToken: { expirationSeconds: 3600, ...each.serviceAccountToken } }
      : each,
  )
  return { ...object, [source]: { defaultMode: 420, ...object[source], ...(sources ? { sources } : {}) } }
}

/** Adds the defaults of a pod spec. */
function withPodSpecDefaults(object: JsonObject = {}): JsonObject {
  return {
    ...object,
    ...(object.containers ? { containers: object.containers.map(withContainerDefaults) } : {}),
    ...(object.initContainers ? { initContainers: object.initContainers.map(withContainerDefaults) } : {}),
    ...(object.volumes ? { volumes: object.volumes.map(withVolumeDefaults) } : {}),
    ...(object.serviceAccountName ? { serviceAccount: object.serviceAccountName } : {}),
    dnsPolicy: object.dnsPolicy ?? 'ClusterFirst',
    restartPolicy: object.restartPolicy ?? 'Always',
    schedulerName: object.schedulerName ?? 'default-scheduler',
    securityContext: object.securityContext ?? {},
    terminationGracePeriodSeconds: object.terminationGracePeriodSeconds ?? 30,
  }
}

const withTemplateDefaults = (object: JsonObject = {}) => ({
  ...object,
  spec: withPodSpecDefaults(object.spec),
})

const rollingUpdateStrategy = {
  rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' },
  type: 'RollingUpdate',
}

const withStrategyDefaults = (object: JsonObject | undefined) =>
  object?.type === 'Recreate'
    ? { type: 'Recreate' }
    : {
        ...rollingUpdateStrategy,
        ...object,
        rollingUpdate: { ...rollingUpdateStrategy.rollingUpdate, ...object?.rollingUpdate },
      }

const withWebhookDefaults = (object: JsonObject): JsonObject => ({
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
const withBindingDefaults = (object: JsonObject): JsonObject => ({
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

function withSecretDefaults(object: JsonObject): JsonObject {
  const { stringData, data, ...rest } = object
  const encoded = Object.entries(stringData ?? {}).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ])
  const allData = { ...data, ...Object.fromEntries(encoded) }
  return { ...rest, ...(Object.keys(allData).length ? { data: allData } : {}), type: object.type ?? 'Opaque' }
}

const withServiceDefaults = (object: JsonObject): JsonObject => ({
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

const withJobDefaults = (object: JsonObject): JsonObject => ({
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
    template: withTemplateDefaults(object.spec?.template),
  },
})

const byKind: Record<string, (object: JsonObject) => JsonObject> = {
  Pod: (object) => ({
    ...object,
    spec: { enableServiceLinks: true, ...withPodSpecDefaults(object.spec) },
  }),
  Deployment: (object) => ({
    ...object,
    spec: {
      ...object.spec,
      progressDeadlineSeconds: object.spec?.progressDeadlineSeconds ?? 600,
      replicas: object.spec?.replicas ?? 1,
      revisionHistoryLimit: object.spec?.revisionHistoryLimit ?? 10,
      strategy: withStrategyDefaults(object.spec?.strategy),
      template: withTemplateDefaults(object.spec?.template),
    },
  }),
  ReplicaSet: (object) => ({
    ...object,
    spec: {
      ...object.spec,
      replicas: object.spec?.replicas ?? 1,
      template: withTemplateDefaults(object.spec?.template),
    },
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
      template: withTemplateDefaults(object.spec?.template),
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
      template: withTemplateDefaults(object.spec?.template),
      updateStrategy: object.spec?.updateStrategy ?? {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: 0, maxUnavailable: 1 },
      },
    },
  }),
  Job: withJobDefaults,
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
          template: withTemplateDefaults(object.spec?.jobTemplate?.spec?.template),
        },
      },
      successfulJobsHistoryLimit: object.spec?.successfulJobsHistoryLimit ?? 3,
      suspend: object.spec?.suspend ?? false,
    },
  }),
  Secret: withSecretDefaults,
  Service: withServiceDefaults,
  RoleBinding: withBindingDefaults,
  ClusterRoleBinding: withBindingDefaults,
  MutatingWebhookConfiguration: (object) => ({
    ...object,
    ...(object.webhooks ? { webhooks: object.webhooks.map(withWebhookDefaults) } : {}),
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

/** Returns the object with the defaults that the API server sets. */
export const withObjectDefaults = (object: JsonObject): JsonObject => byKind[object.kind]?.(object) ?? object
