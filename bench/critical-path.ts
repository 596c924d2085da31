import { durations } from '../sandbox/durations.ts'

type Duration = keyof typeof durations
type Part = readonly [what: string, requests: number, operation?: Duration]

/**
 * What can't run in parallel before access is proven: requests that depend on
 * each other, and operations that take time in Azure. Everything else (group, identity, vault, roles,
 * secret, credential, namespace, service account) can run at the same time.
 */
const clusterPath: readonly Part[] = [
  ["the cloud's metadata, Entra's endpoints, a token", 3],
  ['inspect: resource group, then cluster', 2],
  ['resource provider: state, register, state', 3, 'providerRegister'],
  ['cluster: inspect, create', 2, 'clusterCreate'],
  ['cluster: operation done, result, inspect, kubeconfig', 4],
  // The cluster starts the webhook's pods while the kubeconfig is fetched.
  ["the webhook's pods: configuration, deployment", 2, 'podStart'],
]

const path: readonly Part[] = [
  ...clusterPath,
  ['sample: inspect, configuration, deployment', 3, 'podStart'],
  ['sample: inspect', 1],
  ['proof: cluster, version, service account, token', 4],
  ["exchange: token endpoint, which reads the issuer's two documents", 3],
  ['secret: challenge, read', 2],
  ['sample: deployment, proxy; in the pod: challenge, token, read', 5],
]

/** The same for a workload with grants instead of a vault: it has no sample, and reads from all targets at the same time. */
const grantsPath: readonly Part[] = [
  ...clusterPath,
  ['proof: cluster, version, service account, token', 4],
  ["exchange: token endpoint, which reads the issuer's two documents", 3],
  ["grant: the service's token, with the issuer's two documents, and the read", 4],
]

/** The slowest chain of requests of a healthy `verify`: each starts when the one before has its response. */
const verifyChain: readonly Part[] = [
  ["the cloud's metadata, Entra's endpoints, a token", 3],
  ['kubeconfig, rights in the cluster', 2],
  ['service account, its token', 2],
  ["the issuer's documents", 2],
  ["exchange: token endpoint, which reads the issuer's two documents", 3],
  ['secret: challenge, read', 2],
  ['sample: proxy; in the pod: challenge, token with two documents, read', 6],
]

/** The same for a workload with grants: the service of each takes a token of its own. */
const grantsVerifyChain: readonly Part[] = [
  ["the cloud's metadata, Entra's endpoints, a token", 3],
  ['cluster, kubeconfig, rights in the cluster', 3],
  ['service account, its token', 2],
  ["exchange: token endpoint, which reads the issuer's two documents", 3],
  ["grant: the service's token, with the issuer's two documents, and the read", 4],
]

const lengthOf = (parts: readonly Part[]) =>
  parts.reduce(
    (sum, [, requests, operation]) =>
      sum + requests * durations.request + (operation ? durations[operation] : 0),
    0,
  )

/** Returns the length of the critical path of a set-up in ms at a pace. */
export const criticalPath = (pace: number, { grants = false } = {}): number =>
  pace * lengthOf(grants ? grantsPath : path)

/** Returns the length of the slowest chain of a healthy `verify` in ms at pace 1. */
export const slowestChain = ({ grants = false } = {}): number =>
  lengthOf(grants ? grantsVerifyChain : verifyChain)
