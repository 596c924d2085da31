import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasKubectl, newWorkloadCluster } from '../../support/workload-cluster.ts'

const skip = hasKubectl ? false : 'kubectl is not installed'
const probe = { httpGet: { path: '/healthz', port: 'http', scheme: 'HTTP' }, periodSeconds: 7 }
const times = { timeoutSeconds: 1, successThreshold: 1, failureThreshold: 3 }
const envFrom = [
  { prefix: 'P_', configMapRef: { name: 'settings' } },
  { secretRef: { name: 's', optional: true } },
]

const container = {
  name: 'app',
  image: 'node:24-alpine',
  imagePullPolicy: 'IfNotPresent',
  command: ['node'],
  args: ['--eval', ''],
  workingDir: '/app',
  ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
  envFrom,
  env: [
    { name: 'A', value: 'b' },
    { name: 'NODE', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } } },
    { name: 'KEY', valueFrom: { configMapKeyRef: { name: 'settings', key: 'k' } } },
    { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1' } } },
  ],
  resources: { limits: { cpu: '500m', memory: '128Mi' }, requests: { cpu: '10m' } },
  volumeMounts: [{ name: 'data', mountPath: '/data', readOnly: true, subPath: 'x' }],
  livenessProbe: { ...probe, ...times },
  readinessProbe: { exec: { command: ['true'] }, periodSeconds: 10, ...times },
  startupProbe: { tcpSocket: { port: 8080 }, periodSeconds: 10, ...times },
  lifecycle: { preStop: { exec: { command: ['sleep', '1'] } } },
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    runAsUser: 1000,
    seccompProfile: { type: 'RuntimeDefault' },
  },
  stdin: true,
  tty: true,
}
const podSpec = {
  restartPolicy: 'Never',
  serviceAccountName: 'checkout',
  automountServiceAccountToken: false,
  securityContext: { fsGroup: 1000, supplementalGroups: [1, 2], sysctls: [{ name: 'a', value: 'b' }] },
  imagePullSecrets: [{ name: 'registry' }],
  tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 5 }],
  initContainers: [{ ...container, name: 'init', restartPolicy: 'Always' }],
  containers: [container],
  volumes: [
    { name: 'data', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
    { name: 'config', configMap: { name: 'settings', defaultMode: 256, items: [{ key: 'k', path: 'p' }] } },
    {
      name: 'token',
      projected: {
        defaultMode: 420,
        sources: [{ serviceAccountToken: { audience: 'a', expirationSeconds: 3600, path: 'token' } }],
      },
    },
  ],
}

test('kubectl create job --from=cronjob keeps every field of the pod', { skip }, async () => {
  const at = await newWorkloadCluster()
  const path = 'apis/batch/v1/namespaces/shop'
  await at.kube('POST', `${path}/cronjobs`, {
    metadata: { name: 'nightly' },
    spec: {
      schedule: '0 0 1 1 *',
      suspend: true,
      jobTemplate: { spec: { suspend: true, template: { spec: podSpec } } },
    },
  })
  const { jobTemplate } = (await at.kube('GET', `${path}/cronjobs/nightly`)).spec
  await at.shell('kubectl --namespace shop create job --from=cronjob/nightly now')
  const { spec } = await at.kube('GET', `${path}/jobs/now`)
  assert.deepEqual(spec.template.spec, jobTemplate.spec.template.spec)
})
