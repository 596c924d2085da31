import { stringify } from 'yaml'

// biome-ignore lint/suspicious/noExplicitAny: Kubernetes objects have many shapes
export type KubeObject = Record<string, any>

export const useKey = 'azure.workload.identity/use'

const template = (name: string, spec: KubeObject = {}): KubeObject => ({
  metadata: { labels: { app: name, [useKey]: 'true' } },
  spec: {
    serviceAccountName: 'checkout',
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'app',
        image: 'registry.example/app:1.2.3',
        env: [{ name: 'KEYVAULT_URL', value: 'https://kv-shop.vault.azure.net/' }],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
      {
        name: 'logs',
        image: 'registry.example/logs:1',
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
    ...spec,
  },
})

const head = (apiVersion: string, kind: string, name: string) => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'shop', labels: { app: name } },
})

const once = { restartPolicy: 'Never' }

/** A correct workload of each kind. */
export const healthyWorkloads = {
  Deployment: (name = 'web') => ({
    ...head('apps/v1', 'Deployment', name),
    spec: { replicas: 2, selector: { matchLabels: { app: name } }, template: template(name) },
  }),
  StatefulSet: (name = 'ledger') => ({
    ...head('apps/v1', 'StatefulSet', name),
    spec: {
      serviceName: name,
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: template(name),
    },
  }),
  DaemonSet: (name = 'agent') => ({
    ...head('apps/v1', 'DaemonSet', name),
    spec: { selector: { matchLabels: { app: name } }, template: template(name) },
  }),
  ReplicaSet: (name = 'old') => ({
    ...head('apps/v1', 'ReplicaSet', name),
    spec: { replicas: 1, selector: { matchLabels: { app: name } }, template: template(name) },
  }),
  Job: (name = 'import') => ({
    ...head('batch/v1', 'Job', name),
    spec: { backoffLimit: 0, template: template(name, once) },
  }),
  CronJob: (name = 'report') => ({
    ...head('batch/v1', 'CronJob', name),
    spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template: template(name, once) } } },
  }),
  Pod: (name = 'shell') => {
    const { metadata, spec } = template(name)
    return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name, namespace: 'shop' }, spec }
  },
} satisfies Record<string, (name?: string) => KubeObject>

export type HealthyKind = keyof typeof healthyWorkloads
export const workloadKinds = Object.keys(healthyWorkloads) as HealthyKind[]

export const templateOf = (object: KubeObject): KubeObject =>
  object.kind === 'Pod'
    ? object
    : object.kind === 'CronJob'
      ? object.spec.jobTemplate.spec.template
      : object.spec.template

export const yaml = (...objects: KubeObject[]) => objects.map((each) => `---\n${stringify(each)}`).join('')
