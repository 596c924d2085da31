import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { parse, stringify } from 'yaml'
import {
  accountPath,
  annotateAccount,
  clusterPath,
  type Fixture,
  type SeededFault,
  sandboxOf,
} from '../fault.ts'
import { runPublish } from '../publish-issuer.ts'
import { rebuildCluster } from '../rebuild-cluster.ts'

const previousIssuer = 'https://kubernetes.default.svc.cluster.local'
const noDelay = 'the sandbox changes both at the same time'

const noKeyFlags = 'no request sets the key flags of an API server'

/** Calls `work` while the cluster has only this many of its keys. */
async function withKeys(fixture: Fixture, count: number, work: () => Promise<unknown>): Promise<void> {
  const clusters = Object.values(sandboxOf(fixture).sandbox.state.clusters)
  const all = clusters.map(({ signingKeys }) => signingKeys)
  for (const each of clusters) each.signingKeys = each.signingKeys.slice(0, count)
  await work()
  for (const [n, each] of clusters.entries()) each.signingKeys = all[n]!
}

/** Does what `kubectl config set-cluster --insecure-skip-tls-verify` does. */
async function setTlsVerification({ settings }: Fixture, on: boolean): Promise<void> {
  const path = settings.kubeconfig!
  const config = parse(readFileSync(path, 'utf8'))
  for (const { cluster } of config.clusters) cluster['insecure-skip-tls-verify'] = !on
  writeFileSync(path, stringify(config))
}

async function changeCluster(fixture: Fixture, properties: object): Promise<void> {
  const { arm } = fixture.apis
  const found = await arm('GET', clusterPath(fixture))
  await arm('PUT', clusterPath(fixture), { ...found, properties: { ...found.properties, ...properties } })
}

const authorizeAddresses = (fixture: Fixture, ...authorizedIPRanges: string[]) =>
  changeCluster(fixture, { apiServerAccessProfile: { authorizedIPRanges } })

/** Faults of the cluster, its issuer and the service account. */
export const clusterFaults: SeededFault[] = [
  {
    code: 'WI701',
    description: 'the cluster is stopped',
    api: 'Resource Manager',
    seed: (fixture) => fixture.apis.arm('POST', `${clusterPath(fixture)}/stop`),
  },
  {
    code: 'WI701',
    description: "the cluster's authorized IP ranges exclude this machine",
    api: 'Resource Manager',
    aksOnly: 'other clusters have no authorized IP ranges',
    discardFixture: true,
    seed: (fixture) => authorizeAddresses(fixture, '203.0.113.0/24'),
    manualRemedy: (fixture) => authorizeAddresses(fixture, '203.0.113.0/24', '127.0.0.1/32'),
  },
  {
    code: 'WI702',
    description: 'the cluster moves to Azure RBAC without local accounts, and the caller has no role there',
    api: 'Resource Manager',
    aksOnly: 'other clusters have no Azure RBAC',
    discardFixture: true,
    seed: (fixture) =>
      changeCluster(fixture, {
        disableLocalAccounts: true,
        aadProfile: { managed: true, enableAzureRBAC: true },
      }),
    // Listing the pods, which isn't allowed either, is skipped on its own.
    args: () => ['--only', 'WI702'],
  },
  {
    code: 'WI702',
    description: "the caller's role in the cluster is deleted",
    fixture: 'kubeconfig',
    api: 'Kubernetes',
    seed: ({ kube }) => kube('DELETE', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/score-caller'),
  },
  {
    code: 'WI706',
    description: "the kubeconfig turns off the verification of the API server's certificate",
    fixture: 'kubeconfig',
    api: { none: 'it is in a file on this machine' },
    seed: (fixture) => setTlsVerification(fixture, false),
    manualRemedy: (fixture) => setTlsVerification(fixture, true),
  },
  {
    code: 'WI107',
    description: 'the cluster is rebuilt from a backup without the OIDC issuer',
    api: 'Resource Manager',
    discardFixture: true,
    seed: (fixture) =>
      rebuildCluster(fixture, { kubernetesVersion: '1.33', oidcIssuerProfile: { enabled: false } }),
  },
  {
    code: 'WI102',
    description: 'the cluster is rebuilt from a backup with another issuer',
    api: 'Resource Manager',
    discardFixture: true,
    seed: (fixture) => rebuildCluster(fixture, { oidcIssuerProfile: { enabled: true } }),
  },
  {
    code: 'WI211',
    description: "the service account is the namespace's default",
    fixture: 'default-account',
    api: { none: 'the setting itself is the fault' },
    discardFixture: true,
    seed: async () => {},
  },
  {
    code: 'WI108',
    description: "the issuer's documents are not published",
    api: { none: 'no request stops AKS from publishing them' },
    seed: async (fixture) => {
      for (const each of Object.values(sandboxOf(fixture).sandbox.state.clusters)) each.unpublished = true
    },
  },
  {
    code: 'WI125',
    description: 'the API server has a new key that is not published yet',
    fixture: 'published-issuer',
    api: { none: noKeyFlags },
    seed: (fixture) => withKeys(fixture, 1, () => runPublish(sandboxOf(fixture), '--remove-old')),
  },
  {
    code: 'WI125',
    description: 'a key is published that was removed from the API server',
    fixture: 'published-issuer',
    discardFixture: true,
    api: { none: noKeyFlags },
    seed: async (fixture) => {
      for (const each of Object.values(sandboxOf(fixture).sandbox.state.clusters)) each.signingKeys.splice(1)
    },
  },
  {
    code: 'WI112',
    description: "the API server doesn't use the new issuer yet",
    api: { none: noDelay },
    seed: async (fixture) => {
      for (const each of Object.values(sandboxOf(fixture).sandbox.state.clusters))
        each.issuer = previousIssuer
    },
    stopWaiting: (fixture) => {
      void delay(300).then(() => {
        for (const each of Object.values(sandboxOf(fixture).sandbox.state.clusters))
          each.issuer = fixture.outputs.issuer
      })
    },
  },
  {
    code: 'WI109',
    description: "this machine's clock is ten minutes behind",
    api: { none: 'no request sets a clock' },
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
    seed: (fixture) => fixture.kube('DELETE', accountPath(fixture)),
  },
  {
    code: 'WI205',
    description: 'the client ID annotation is deleted',
    api: 'Kubernetes',
    seed: (fixture) => annotateAccount(fixture, { 'azure.workload.identity/client-id': null }),
  },
  {
    code: 'WI114',
    description: "the tenant annotation has another tenant's ID",
    api: 'Kubernetes',
    seed: (fixture) =>
      annotateAccount(fixture, {
        'azure.workload.identity/tenant-id': '99999999-0000-4000-8000-000000000000',
      }),
  },
  {
    code: 'WI209',
    description: 'the token lifetime is one minute',
    api: 'Kubernetes',
    seed: (fixture) =>
      annotateAccount(fixture, { 'azure.workload.identity/service-account-token-expiration': '60' }),
  },
]
