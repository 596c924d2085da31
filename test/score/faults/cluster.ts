import { setTimeout as delay } from 'node:timers/promises'
import { accountPath, annotateAccount, clusterPath, type SeededFault, sandboxOf } from '../fault.ts'
import { rebuildCluster } from '../rebuild-cluster.ts'

const before = 'https://kubernetes.default.svc.cluster.local'
const settled = 'the sandbox takes no time between the two'

/** The cluster, its issuer, and the service account. */
export const clusterFaults: SeededFault[] = [
  {
    code: 'WI701',
    description: 'the cluster is stopped',
    api: 'Resource Manager',
    seed: (scene) => scene.apis.arm('POST', `${clusterPath(scene)}/stop`),
  },
  {
    code: 'WI702',
    description: "the caller's role in the cluster is taken away",
    fixture: 'kubeconfig',
    api: 'Kubernetes',
    seed: ({ kube }) => kube('DELETE', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/score-caller'),
  },
  {
    code: 'WI107',
    description: 'the cluster is made anew from a backup, without its issuer',
    api: 'Resource Manager',
    discardFixture: true,
    seed: (scene) =>
      rebuildCluster(scene, { kubernetesVersion: '1.33', oidcIssuerProfile: { enabled: false } }),
  },
  {
    code: 'WI102',
    description: 'the cluster is made anew from a backup, with another issuer',
    api: 'Resource Manager',
    discardFixture: true,
    seed: (scene) => rebuildCluster(scene, { oidcIssuerProfile: { enabled: true } }),
  },
  {
    code: 'WI211',
    description: "the service account is the namespace's default",
    fixture: 'default',
    api: { none: 'it is what was asked for' },
    discardFixture: true,
    seed: async () => {},
  },
  {
    code: 'WI108',
    description: "AKS fails to publish the issuer's documents",
    api: { none: 'AKS publishes them by itself; no request keeps it from that' },
    seed: async (scene) => {
      for (const each of Object.values(sandboxOf(scene).sandbox.state.clusters)) each.unpublished = true
    },
  },
  {
    code: 'WI112',
    description: 'the API server does not use the issuer yet that AKS tells',
    api: { none: settled },
    seed: async (scene) => {
      for (const each of Object.values(sandboxOf(scene).sandbox.state.clusters)) each.issuer = before
    },
    stopWaiting: (scene) => {
      void delay(300).then(() => {
        for (const each of Object.values(sandboxOf(scene).sandbox.state.clusters))
          each.issuer = scene.outputs.issuer
      })
    },
  },
  {
    code: 'WI109',
    description: "this machine's clock is ten minutes behind",
    api: { none: 'a clock is not set by a request' },
    seed: async ({ clock }) => {
      clock.ahead = 600_000
    },
    manualRemedy: async ({ clock }) => {
      clock.ahead = 0
    },
  },
  {
    code: 'WI205',
    description: 'the service account is deleted',
    api: 'Kubernetes',
    seed: (scene) => scene.kube('DELETE', accountPath(scene)),
  },
  {
    code: 'WI205',
    description: 'the annotation with the client id is taken away',
    api: 'Kubernetes',
    seed: (scene) => annotateAccount(scene, { 'azure.workload.identity/client-id': null }),
  },
  {
    code: 'WI114',
    description: 'the annotation names another tenant',
    api: 'Kubernetes',
    seed: (scene) =>
      annotateAccount(scene, { 'azure.workload.identity/tenant-id': '99999999-0000-4000-8000-000000000000' }),
  },
  {
    code: 'WI209',
    description: 'a token lifetime of a minute',
    api: 'Kubernetes',
    seed: (scene) =>
      annotateAccount(scene, { 'azure.workload.identity/service-account-token-expiration': '60' }),
  },
]
