import type { Open } from '../state.ts'
import { isMap } from './patches.ts'

const probe = (value: Open | undefined) =>
  value && {
    ...value,
    ...(value.httpGet ? { httpGet: { scheme: 'HTTP', ...value.httpGet } } : {}),
    failureThreshold: value.failureThreshold ?? 3,
    periodSeconds: value.periodSeconds ?? 10,
    successThreshold: value.successThreshold ?? 1,
    timeoutSeconds: value.timeoutSeconds ?? 1,
  }

const alwaysPulled = (image = '') => !/[:@][^/]+$/.test(image) || image.endsWith(':latest')

function container(of: Open): Open {
  const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'].filter((name) => of[name])
  return {
    ...of,
    imagePullPolicy: of.imagePullPolicy ?? (alwaysPulled(of.image) ? 'Always' : 'IfNotPresent'),
    resources: of.resources ?? {},
    terminationMessagePath: of.terminationMessagePath ?? '/dev/termination-log',
    terminationMessagePolicy: of.terminationMessagePolicy ?? 'File',
    ...(of.ports
      ? { ports: of.ports.map((port: Open) => ({ ...port, protocol: port.protocol ?? 'TCP' })) }
      : {}),
    ...(of.env
      ? {
          env: of.env.map((each: Open) =>
            each.valueFrom?.fieldRef
              ? { ...each, valueFrom: { fieldRef: { apiVersion: 'v1', ...each.valueFrom.fieldRef } } }
              : each,
          ),
        }
      : {}),
    ...Object.fromEntries(probes.map((name) => [name, probe(of[name])])),
  }
}

function volume(of: Open): Open {
  const [source] = ['configMap', 'secret', 'projected', 'downwardAPI'].filter((name) => isMap(of[name]))
  if (!source) return Object.keys(of).length === 1 ? { ...of, emptyDir: {} } : of
  const sources = of[source].sources?.map((each: Open) =>
    each.serviceAccountToken
      ? { ...each, serviceAccountToken: { expirationSeconds: 3600, ...each.serviceAccountToken } }
      : each,
  )
  return { ...of, [source]: { defaultMode: 420, ...of[source], ...(sources ? { sources } : {}) } }
}

/** Fills in a pod's or a pod template's spec. */
function podSpec(of: Open = {}): Open {
  return {
    ...of,
    ...(of.containers ? { containers: of.containers.map(container) } : {}),
    ...(of.initContainers ? { initContainers: of.initContainers.map(container) } : {}),
    ...(of.volumes ? { volumes: of.volumes.map(volume) } : {}),
    ...(of.serviceAccountName ? { serviceAccount: of.serviceAccountName } : {}),
    dnsPolicy: of.dnsPolicy ?? 'ClusterFirst',
    restartPolicy: of.restartPolicy ?? 'Always',
    schedulerName: of.schedulerName ?? 'default-scheduler',
    securityContext: of.securityContext ?? {},
    terminationGracePeriodSeconds: of.terminationGracePeriodSeconds ?? 30,
  }
}

const template = (of: Open = {}) => ({ ...of, spec: podSpec(of.spec) })

const rolling = { rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' }, type: 'RollingUpdate' }

const strategy = (of: Open | undefined) =>
  of?.type === 'Recreate'
    ? { type: 'Recreate' }
    : { ...rolling, ...of, rollingUpdate: { ...rolling.rollingUpdate, ...of?.rollingUpdate } }

const webhook = (of: Open): Open => ({
  ...of,
  clientConfig: of.clientConfig?.service
    ? { ...of.clientConfig, service: { port: 443, ...of.clientConfig.service } }
    : of.clientConfig,
  failurePolicy: of.failurePolicy ?? 'Fail',
  matchPolicy: of.matchPolicy ?? 'Equivalent',
  namespaceSelector: of.namespaceSelector ?? {},
  objectSelector: of.objectSelector ?? {},
  reinvocationPolicy: of.reinvocationPolicy ?? 'Never',
  rules: of.rules?.map((rule: Open) => ({ ...rule, scope: rule.scope ?? '*' })),
  timeoutSeconds: of.timeoutSeconds ?? 10,
})

const rbacGroup = 'rbac.authorization.k8s.io'
const binding = (of: Open): Open => ({
  ...of,
  ...(of.roleRef ? { roleRef: { apiGroup: rbacGroup, ...of.roleRef } } : {}),
  ...(of.subjects
    ? {
        subjects: of.subjects.map((each: Open) =>
          each.kind === 'ServiceAccount' ? each : { apiGroup: rbacGroup, ...each },
        ),
      }
    : {}),
})

function secret(of: Open): Open {
  const { stringData, data, ...rest } = of
  const folded = Object.entries(stringData ?? {}).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ])
  const all = { ...data, ...Object.fromEntries(folded) }
  return { ...rest, ...(Object.keys(all).length ? { data: all } : {}), type: of.type ?? 'Opaque' }
}

const service = (of: Open): Open => ({
  ...of,
  spec: {
    ...of.spec,
    internalTrafficPolicy: of.spec?.internalTrafficPolicy ?? 'Cluster',
    ipFamilies: of.spec?.ipFamilies ?? ['IPv4'],
    ipFamilyPolicy: of.spec?.ipFamilyPolicy ?? 'SingleStack',
    ports: of.spec?.ports?.map((port: Open) => ({
      ...port,
      protocol: port.protocol ?? 'TCP',
      targetPort: port.targetPort ?? port.port,
    })),
    sessionAffinity: of.spec?.sessionAffinity ?? 'None',
    type: of.spec?.type ?? 'ClusterIP',
  },
})

const job = (of: Open): Open => ({
  ...of,
  spec: {
    ...of.spec,
    backoffLimit: of.spec?.backoffLimit ?? 6,
    completionMode: of.spec?.completionMode ?? 'NonIndexed',
    completions: of.spec?.completions ?? 1,
    manualSelector: of.spec?.manualSelector ?? false,
    parallelism: of.spec?.parallelism ?? 1,
    podReplacementPolicy: of.spec?.podReplacementPolicy ?? 'TerminatingOrFailed',
    suspend: of.spec?.suspend ?? false,
    template: template(of.spec?.template),
  },
})

const byKind: Record<string, (of: Open) => Open> = {
  Pod: (of) => ({
    ...of,
    spec: { enableServiceLinks: true, ...podSpec(of.spec) },
  }),
  Deployment: (of) => ({
    ...of,
    spec: {
      ...of.spec,
      progressDeadlineSeconds: of.spec?.progressDeadlineSeconds ?? 600,
      replicas: of.spec?.replicas ?? 1,
      revisionHistoryLimit: of.spec?.revisionHistoryLimit ?? 10,
      strategy: strategy(of.spec?.strategy),
      template: template(of.spec?.template),
    },
  }),
  ReplicaSet: (of) => ({
    ...of,
    spec: { ...of.spec, replicas: of.spec?.replicas ?? 1, template: template(of.spec?.template) },
  }),
  StatefulSet: (of) => ({
    ...of,
    spec: {
      ...of.spec,
      persistentVolumeClaimRetentionPolicy: of.spec?.persistentVolumeClaimRetentionPolicy ?? {
        whenDeleted: 'Retain',
        whenScaled: 'Retain',
      },
      podManagementPolicy: of.spec?.podManagementPolicy ?? 'OrderedReady',
      replicas: of.spec?.replicas ?? 1,
      revisionHistoryLimit: of.spec?.revisionHistoryLimit ?? 10,
      template: template(of.spec?.template),
      updateStrategy: of.spec?.updateStrategy ?? { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    },
  }),
  DaemonSet: (of) => ({
    ...of,
    spec: {
      ...of.spec,
      revisionHistoryLimit: of.spec?.revisionHistoryLimit ?? 10,
      template: template(of.spec?.template),
      updateStrategy: of.spec?.updateStrategy ?? {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: 0, maxUnavailable: 1 },
      },
    },
  }),
  Job: job,
  CronJob: (of) => ({
    ...of,
    spec: {
      ...of.spec,
      concurrencyPolicy: of.spec?.concurrencyPolicy ?? 'Allow',
      failedJobsHistoryLimit: of.spec?.failedJobsHistoryLimit ?? 1,
      jobTemplate: {
        ...of.spec?.jobTemplate,
        spec: {
          ...of.spec?.jobTemplate?.spec,
          template: template(of.spec?.jobTemplate?.spec?.template),
        },
      },
      successfulJobsHistoryLimit: of.spec?.successfulJobsHistoryLimit ?? 3,
      suspend: of.spec?.suspend ?? false,
    },
  }),
  Secret: secret,
  Service: service,
  RoleBinding: binding,
  ClusterRoleBinding: binding,
  MutatingWebhookConfiguration: (of) => ({
    ...of,
    ...(of.webhooks ? { webhooks: of.webhooks.map(webhook) } : {}),
  }),
  Namespace: (of) => ({
    ...of,
    metadata: {
      ...of.metadata,
      labels: { ...of.metadata.labels, 'kubernetes.io/metadata.name': of.metadata.name },
    },
    spec: { ...of.spec, finalizers: of.spec?.finalizers ?? ['kubernetes'] },
    status: of.status ?? { phase: 'Active' },
  }),
}

/** The object as the server completes it. */
export const withDefaults = (of: Open): Open => byKind[of.kind]?.(of) ?? of
