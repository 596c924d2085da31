import { type Duration, durations } from '../sandbox/durations.ts'

/**
 * What has to come one after the other before the proof can be there, however well a program shares out its work:
 * the requests that depend on each other, and the things of Azure that take time by themselves. What can run beside
 * it (group, identity, vault, roles, secret, credential, namespace, service account) is not on the path.
 */
const path: [what: string, requests: number, takes?: Duration][] = [
  ["the cloud's metadata, Entra's endpoints, a token", 3],
  ['look: resource group, then cluster', 2],
  ['resource provider: state, register, state', 3, 'providerRegister'],
  ['cluster: look, create', 2, 'clusterCreate'],
  ['cluster: operation done, result, look, kubeconfig', 4],
  // Its pods are started by the cluster itself while the kubeconfig is fetched.
  ["the webhook's pods: configuration, deployment", 2, 'podStart'],
  ['sample: look, configuration, deployment', 3, 'podStart'],
  ['sample: look', 1],
  ['proof: cluster, version, service account, token', 4],
  ["exchange: token endpoint, which reads the issuer's two documents", 3],
  ['secret: challenge, read', 2],
  ['sample: deployment, proxy; in the pod: challenge, token, read', 5],
]

/** Its length in ms at a pace. */
export const criticalPath = (pace: number) =>
  pace *
  path.reduce(
    (sum, [, requests, takes]) => sum + requests * durations.request + (takes ? durations[takes] : 0),
    0,
  )

/** The slowest chain of requests of a healthy `verify`: each begins when the one before has answered. */
const proof: [what: string, requests: number][] = [
  ["the cloud's metadata, Entra's endpoints, a token", 3],
  ['kubeconfig, rights in the cluster', 2],
  ['service account, its token', 2],
  ["the issuer's documents", 2],
  ["exchange: token endpoint, which reads the issuer's two documents", 3],
  ['secret: challenge, read', 2],
  ['sample: proxy; in the pod: challenge, token with two documents, read', 6],
]

/** Its length in ms at pace 1. */
export const slowestChain = () => proof.reduce((sum, [, requests]) => sum + requests * durations.request, 0)
