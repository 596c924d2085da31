import { createHash } from 'node:crypto'
import { ActionRequiredError } from '../base/action-required.ts'
import type { KubeObject } from '../clients/kubernetes.ts'
import {
  absent,
  compared,
  differs,
  nothingToRemove,
  notManaged,
  removable,
  retained,
  step,
} from '../engine/step.ts'
import type { Settings } from '../settings/settings.ts'
import { cluster } from './cluster.ts'
import { findDrift } from './find-drift.ts'
import { hasOwnershipLabel, ownershipLabel } from './ownership-label.ts'
import { sampleScript } from './sample-script.ts'
import { serviceAccount } from './service-account.ts'
import { vault } from './vault.ts'
import { webhook } from './webhook.ts'

export const sampleName = 'vault-reader'
const hashKey = 'wi-setup/manifest'
const objectKinds = [
  ['ConfigMap', 'configuration'],
  ['Deployment', 'deployment'],
  ['Service', 'service'],
] as const

type SampleSettings = Pick<Settings, 'namespace' | 'serviceAccount' | 'secret' | 'os' | 'sampleImage'>

/** The sample: a stock Node.js image runs a script that exchanges its token, reads the secret and serves it. */
export const sample = step<{ namespace: string; service: string }>()({
  id: 'sample',
  title: 'sample',
  command: 'sample',
  uses: ['namespace', 'serviceAccount', 'secret', 'os', 'sampleImage'],
  needs: { cluster, serviceAccount, webhook, vault },
  usualDuration: 'about 30 s',
  waitingFor: 'for its pod to be ready',
  readyTimeoutMs: 300_000,
  label: () => sampleName,
  async inspect({ settings, cluster, serviceAccount, vault, kubernetes }) {
    if (!cluster.connection || !serviceAccount.name) return absent()
    const kube = kubernetes(cluster.connection)
    const objects = await Promise.all(
      objectKinds.map(([kind]) => kube.get(kind, sampleName, settings.namespace)),
    )
    if (objects.every((object) => object === undefined)) return absent()
    const foreign = objects.find((object) => object && !hasOwnershipLabel(object))
    if (foreign)
      throw new ActionRequiredError(
        `${foreign.kind} ${settings.namespace}/${sampleName} already exists and was not created by wi-setup`,
        'Pass --no-sample, or choose another --namespace',
      )
    const wants = manifests(settings, vault.uri ?? '', `${serviceAccount.clientId} ${cluster.issuer}`)
    const deployment = objects[1]
    return compared({ namespace: settings.namespace, service: sampleName }, true, [
      ...objectKinds.flatMap(([, field], index) => {
        const object = objects[index]
        const want = wants[index]!
        const other = differs(
          field,
          object?.metadata.annotations?.[hashKey] ?? (object ? '(changed)' : undefined),
          hashOf(want),
        )
        // Same manifest: report fields that were changed since.
        return other ? [other] : findDrift(field, want, object)
      }),
      deployment && !isAvailable(deployment) && { field: 'ready pods', is: '0', want: '1' },
    ])
  },
  async apply({ settings, cluster, vault, serviceAccount, kubernetes }, found) {
    if (found.state === 'drifted' && found.diff.every(({ field }) => field === 'ready pods')) return
    const kube = kubernetes(cluster.connection)
    // The objects carry our label, so changes by others are overwritten.
    for (const object of manifests(settings, vault.uri, `${serviceAccount.clientId} ${cluster.issuer}`))
      await kube.apply(withOwnership(object), { force: found.state === 'drifted' })
  },
  within: () => 'cluster',
  async removability({ settings, cluster, kubernetes }) {
    if (!cluster.connection) return nothingToRemove
    const kube = kubernetes(cluster.connection)
    const all = await Promise.all(objectKinds.map(([kind]) => kube.get(kind, sampleName, settings.namespace)))
    const found = all.filter((object) => object !== undefined)
    if (found.length === 0) return nothingToRemove
    if (!found.every(hasOwnershipLabel)) return retained({}, notManaged)
    const account = all[1]?.spec?.template?.spec?.serviceAccountName as string | undefined
    return account === undefined || account === settings.serviceAccount
      ? removable({})
      : retained({}, `it belongs to the service account ${account}`)
  },
  async remove({ settings, cluster, kubernetes }) {
    for (const [kind] of objectKinds)
      await kubernetes(cluster.connection).remove(kind, sampleName, settings.namespace)
  },
})

const isAvailable = ({ status, metadata }: KubeObject) =>
  (status?.availableReplicas ?? 0) >= 1 &&
  (status?.observedGeneration ?? 0) >= (metadata.generation as number) &&
  (status?.unavailableReplicas ?? 0) === 0

const hashOf = (object: KubeObject) =>
  createHash('sha256').update(JSON.stringify(object)).digest('hex').slice(0, 12)

const withOwnership = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    labels: { ...object.metadata.labels, ...ownershipLabel },
    annotations: { [hashKey]: hashOf(object) },
  },
})

/** Returns ConfigMap, Deployment and Service, as a user would write them for their own workload. */
function manifests(settings: SampleSettings, vaultUri: string, trust: string): KubeObject[] {
  const windows = settings.os === 'windows'
  const image = settings.sampleImage ?? 'node:24-alpine'
  const metadata = { name: sampleName, namespace: settings.namespace, labels: { app: sampleName } }
  const probe = { httpGet: { path: '/healthz', port: 'http' } }
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'vault-reader.mjs': sampleScript } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: sampleName } },
        template: {
          metadata: {
            labels: { app: sampleName, 'azure.workload.identity/use': 'true' },
            annotations: {
              'wi-setup/script': createHash('sha256').update(sampleScript).digest('hex').slice(0, 12),
              // A changed identity or issuer replaces the pods, which keep those they were started with.
              'wi-setup/trust': createHash('sha256').update(trust).digest('hex').slice(0, 12),
            },
          },
          spec: {
            serviceAccountName: settings.serviceAccount,
            automountServiceAccountToken: false,
            nodeSelector: { 'kubernetes.io/os': settings.os },
            ...(windows
              ? {}
              : {
                  securityContext: {
                    runAsNonRoot: true,
                    runAsUser: 1000,
                    seccompProfile: { type: 'RuntimeDefault' },
                  },
                }),
            containers: [
              {
                name: sampleName,
                image,
                imagePullPolicy: 'IfNotPresent',
                command: ['node', '/app/vault-reader.mjs'],
                env: [
                  { name: 'KEYVAULT_URL', value: vaultUri },
                  { name: 'SECRET_NAME', value: settings.secret },
                ],
                ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
                readinessProbe: { ...probe, periodSeconds: 2 },
                livenessProbe: { ...probe, periodSeconds: 20 },
                resources: {
                  requests: { cpu: '10m', memory: '48Mi' },
                  limits: { cpu: '500m', memory: windows ? '256Mi' : '128Mi' },
                },
                ...(windows
                  ? {}
                  : {
                      securityContext: {
                        allowPrivilegeEscalation: false,
                        readOnlyRootFilesystem: true,
                        capabilities: { drop: ['ALL'] },
                      },
                    }),
                volumeMounts: [{ name: 'app', mountPath: '/app', readOnly: true }],
              },
            ],
            volumes: [{ name: 'app', configMap: { name: sampleName } }],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        selector: { app: sampleName },
        ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }],
      },
    },
  ]
}
