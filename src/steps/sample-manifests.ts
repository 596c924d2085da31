import { sha256 } from '../base/sha256.ts'
import type { KubeObject } from '../clients/kubernetes.ts'
import { nodeImage } from '../settings/pinned.ts'
import type { Settings } from '../settings/settings.ts'
import { sampleScripts } from './sample-scripts.ts'

export const sampleName = 'vault-reader'

export type SampleSettings = Pick<Settings, 'namespace' | 'serviceAccount' | 'secret' | 'os' | 'sampleImage'>

/** The sample's kinds, with their names in the plan. The NetworkPolicy is created first and deleted last. */
export const sampleKinds = [
  ['NetworkPolicy', 'network policy'],
  ['ConfigMap', 'configuration'],
  ['Deployment', 'deployment'],
  ['Service', 'service'],
] as const

const labels = { app: sampleName }
const hash = (text: string) => sha256(text).toString('hex').slice(0, 12)

/**
 * Returns the objects of `sampleKinds`, as a user would write them for their own workload. A change of `trust` (the
 * identity and the issuer) replaces the pods, which keep those they were started with.
 */
export function sampleManifests(settings: SampleSettings, vaultUri: string, trust: string): KubeObject[] {
  const metadata = { name: sampleName, namespace: settings.namespace, labels }
  return [
    { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec: networkPolicy },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: sampleScripts },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          metadata: {
            labels: { ...labels, 'azure.workload.identity/use': 'true' },
            annotations: {
              'wi-setup/script': hash(JSON.stringify(sampleScripts)),
              'wi-setup/trust': hash(trust),
            },
          },
          spec: podSpec(settings, vaultUri),
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }] },
    },
  ]
}

/** Returns a peer: the konnectivity agents of managed clusters, through which the API server's proxy reaches pods. */
const konnectivityAgents = (label: string) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
  podSelector: { matchLabels: { [label]: 'konnectivity-agent' } },
})

/**
 * Admits the API server's proxy only. Nothing else needs to be admitted: the kubelet's probes come from the pod's own
 * node, which network plugins always admit, and `kubectl port-forward` connects inside the pod's network namespace.
 */
const networkPolicy = {
  podSelector: { matchLabels: labels },
  policyTypes: ['Ingress'],
  ingress: [
    {
      // AKS uses the label `app`, GKE and the project's own manifests `k8s-app`.
      from: [konnectivityAgents('app'), konnectivityAgents('k8s-app')],
      ports: [{ protocol: 'TCP', port: 'http' }],
    },
  ],
}

function podSpec(settings: SampleSettings, vaultUri: string) {
  const isLinux = settings.os === 'linux'
  return {
    serviceAccountName: settings.serviceAccount,
    automountServiceAccountToken: false,
    nodeSelector: { 'kubernetes.io/os': settings.os },
    ...(isLinux
      ? {
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            seccompProfile: { type: 'RuntimeDefault' },
          },
        }
      : {}),
    containers: [container(settings, vaultUri)],
    volumes: [{ name: 'app', configMap: { name: sampleName } }],
  }
}

function container(settings: SampleSettings, vaultUri: string) {
  const isLinux = settings.os === 'linux'
  const probe = { httpGet: { path: '/healthz', port: 'http' } }
  return {
    name: sampleName,
    image: settings.sampleImage ?? nodeImage,
    imagePullPolicy: 'IfNotPresent',
    command: ['node', '/app/vault-reader.mjs'],
    env: [
      { name: 'KEYVAULT_URL', value: vaultUri },
      { name: 'SECRET_NAMES', value: settings.secret },
    ],
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    readinessProbe: { ...probe, periodSeconds: 2 },
    livenessProbe: { ...probe, periodSeconds: 20 },
    resources: {
      requests: { cpu: '10m', memory: '48Mi' },
      limits: { cpu: '500m', memory: isLinux ? '128Mi' : '256Mi' },
    },
    ...(isLinux
      ? {
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        }
      : {}),
    volumeMounts: [{ name: 'app', mountPath: '/app', readOnly: true }],
  }
}
