import { setTimeout as delay } from 'node:timers/promises'
import { accountPath, annotate, clusterPath, type Fault, placeOf } from '../fault.ts'
import { rebuild } from '../rebuild.ts'

const before = 'https://kubernetes.default.svc.cluster.local'
const settled = 'the sandbox takes no time between the two'

/** The cluster, its issuer, and the service account. */
export const cluster: Fault[] = [
  {
    code: 'WI701',
    says: 'the cluster is stopped',
    by: 'Resource Manager',
    seed: (scene) => scene.to.arm('POST', `${clusterPath(scene)}/stop`),
  },
  {
    code: 'WI702',
    says: "the caller's role in the cluster is taken away",
    on: 'kubeconfig',
    by: 'Kubernetes',
    seed: ({ kube }) => kube('DELETE', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/score-caller'),
  },
  {
    code: 'WI107',
    says: 'the cluster is made anew from a backup, without its issuer',
    by: 'Resource Manager',
    renews: true,
    seed: (scene) => rebuild(scene, { kubernetesVersion: '1.33', oidcIssuerProfile: { enabled: false } }),
  },
  {
    code: 'WI102',
    says: 'the cluster is made anew from a backup, with another issuer',
    by: 'Resource Manager',
    renews: true,
    seed: (scene) => rebuild(scene, { oidcIssuerProfile: { enabled: true } }),
  },
  {
    code: 'WI211',
    says: "the service account is the namespace's default",
    on: 'default',
    by: { none: 'it is what was asked for' },
    renews: true,
    seed: async () => {},
  },
  {
    code: 'WI108',
    says: "AKS fails to publish the issuer's documents",
    by: { none: 'AKS publishes them by itself; no request keeps it from that' },
    seed: async (scene) => {
      for (const each of Object.values(placeOf(scene).sandbox.world.clusters)) each.unpublished = true
    },
  },
  {
    code: 'WI112',
    says: 'the API server does not use the issuer yet that AKS tells',
    by: { none: settled },
    seed: async (scene) => {
      for (const each of Object.values(placeOf(scene).sandbox.world.clusters)) each.issuer = before
    },
    passes: (scene) => {
      void delay(300).then(() => {
        for (const each of Object.values(placeOf(scene).sandbox.world.clusters))
          each.issuer = scene.made.issuer
      })
    },
  },
  {
    code: 'WI109',
    says: "this machine's clock is ten minutes behind",
    by: { none: 'a clock is not set by a request' },
    seed: async ({ clock }) => {
      clock.ahead = 600_000
    },
    instead: async ({ clock }) => {
      clock.ahead = 0
    },
  },
  {
    code: 'WI205',
    says: 'the service account is deleted',
    by: 'Kubernetes',
    seed: (scene) => scene.kube('DELETE', accountPath(scene)),
  },
  {
    code: 'WI205',
    says: 'the annotation with the client id is taken away',
    by: 'Kubernetes',
    seed: (scene) => annotate(scene, { 'azure.workload.identity/client-id': null }),
  },
  {
    code: 'WI114',
    says: 'the annotation names another tenant',
    by: 'Kubernetes',
    seed: (scene) =>
      annotate(scene, { 'azure.workload.identity/tenant-id': '99999999-0000-4000-8000-000000000000' }),
  },
  {
    code: 'WI209',
    says: 'a token lifetime of a minute',
    by: 'Kubernetes',
    seed: (scene) => annotate(scene, { 'azure.workload.identity/service-account-token-expiration': '60' }),
  },
]
