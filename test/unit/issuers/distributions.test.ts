import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wiSetup } from '../../../src/base/command.ts'
import { noTarget, remedyText } from '../../../src/base/command-text.ts'
import { apiServerFlags, flagTargets } from '../../../src/issuers/api-server-flags.ts'
import { type DistributionName, distributionOf, distributions } from '../../../src/issuers/distributions.ts'
import { keyOfPem } from '../../../src/issuers/documents.ts'
import { publishRemedy } from '../../../src/issuers/publish-remedy.ts'

interface Cluster {
  version?: string
  issuer?: string
  server?: string
  labels?: Record<string, string>
  providerID?: string
  osImage?: string
  groups?: string[]
  kubeadm?: boolean
}

const inCluster = 'https://kubernetes.default.svc.cluster.local'

/** Returns a cluster's API, and counts what is read. */
function apiOf({
  version = 'v1.33.1',
  issuer = inCluster,
  server = 'https://203.0.113.7:6443',
  ...rest
}: Cluster) {
  const reads: string[] = []
  const read = <T>(name: string, value: T) => {
    reads.push(name)
    return Promise.resolve(value)
  }
  const { labels = {}, providerID, osImage = 'Ubuntu 24.04', groups = [], kubeadm = false } = rest
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node1', labels },
    spec: { providerID },
    status: { nodeInfo: { osImage } },
  }
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kubeadm-config' } }
  return {
    reads,
    kube: {
      version: () => read('version', version),
      issuer: () => read('issuer', issuer),
      server: () => read('server', server),
      anyNode: () => read('node', node),
      servesGroup: (name: string) => read('group', groups.includes(name)),
      get: () => read('kubeadm', kubeadm ? object : undefined),
    },
  }
}

const clusters: [DistributionName, Cluster][] = [
  ['aks', { issuer: 'https://westeurope.oic.prod-aks.azure.com/t/g/' }],
  ['aks', { issuer: 'https://oidc.prod-aks.azure.com/guid/' }],
  ['aks', { server: 'https://shop-1.hcp.westeurope.azmk8s.io:443' }],
  ['aks', { labels: { 'kubernetes.azure.com/cluster': 'MC_rg_shop' } }],
  ['arc', { issuer: 'https://northamerica.oic.prod-arc.azure.com/t/g/', version: 'v1.33.1+k3s1' }],
  ['eks', { issuer: 'https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF' }],
  ['eks', { issuer: 'https://oidc-eks.eu-west-1.api.aws/id/0123456789ABCDEF0123456789ABCDEF' }],
  ['eks', { version: 'v1.33.1-eks-595af52' }],
  ['eks', { labels: { 'eks.amazonaws.com/nodegroup': 'a' } }],
  ['gke', { issuer: 'https://container.googleapis.com/v1/projects/p/locations/l/clusters/c' }],
  ['gke', { version: 'v1.33.1-gke.1386000' }],
  ['gke', { labels: { 'cloud.google.com/gke-nodepool': 'a' } }],
  ['openshift', { issuer: 'https://kubernetes.default.svc', groups: ['config.openshift.io'] }],
  ['k3s', { version: 'v1.33.1+k3s1' }],
  ['rke2', { version: 'v1.33.1+rke2r1' }],
  ['kind', { providerID: 'kind://docker/kind/kind-control-plane', kubeadm: true }],
  ['minikube', { labels: { 'minikube.k8s.io/name': 'minikube' }, kubeadm: true }],
  ['talos', { osImage: 'Talos (v1.11.2)' }],
  ['kubeadm', { kubeadm: true }],
  // Nodes of a cloud don't make a managed cluster.
  ['kubeadm', { kubeadm: true, providerID: 'aws:///eu-west-1a/i-0' }],
  ['other', { providerID: 'gce://p/z/n' }],
  // The name is part of a path only.
  ['other', { server: 'https://proxy.example/aks.hcp.westeurope.azmk8s.io' }],
]

test('each distribution is recognized by what its API shows', async () => {
  for (const [name, cluster] of clusters) {
    const found = await distributionOf(apiOf(cluster).kube)
    assert.equal(found.name, name, JSON.stringify(cluster))
  }
  assert.deepEqual(
    distributions.map(({ name }) => name).filter((name) => !clusters.some(([each]) => each === name)),
    [],
  )
})

test('version and issuer suffice for most: nodes are only read if they do not', async () => {
  const { reads, kube } = apiOf({ version: 'v1.33.1+k3s1' })
  await distributionOf(kube)
  assert.deepEqual(reads.sort(), ['issuer', 'server', 'version'])
})

test('the fix for an issuer that is not public is that of the distribution', () => {
  const fix = (name: DistributionName) => {
    const found = distributions.find((each) => each.name === name)!
    return remedyText(publishRemedy(found, wiSetup('issuer', 'publish', '--context', 'a')), noTarget)
  }
  assert.match(fix('aks'), /az aks update .*--enable-oidc-issuer/)
  assert.match(fix('eks'), /AWS publishes its issuer/)
  assert.match(fix('gke'), /Google publishes its issuer/)
  for (const name of ['k3s', 'kind', 'other'] as const)
    assert.match(fix(name), /issuer publish --context a --storage-account NAME/)
})

test('the flags name the new issuer first and the old one second, where the distribution takes two', () => {
  const issuer = 'https://oidc.example.com/shop'
  const textOf = (target: (typeof flagTargets)[number], former?: string) =>
    apiServerFlags(target, { issuer, former })
      .map(({ heading, yaml = '', commands }) => `${heading}\n${yaml}\n${JSON.stringify(commands ?? '')}`)
      .join('\n')
  for (const target of flagTargets) {
    const text = textOf(target, inCluster)
    assert.match(text, /https:\/\/oidc\.example\.com\/shop/, target)
    if (target !== 'openshift') assert.match(text, /shop\/openid\/v1\/jwks/, target)
    if (['kubeadm', 'k3s', 'rke2', 'other'].includes(target)) {
      assert.ok(text.indexOf(issuer) < text.indexOf(`${inCluster}\n`), target)
      assert.match(text, /--api-audiences/, target)
      assert.doesNotMatch(textOf(target), /kubernetes\.default/, target)
    }
  }
  assert.match(textOf('rke2'), /\/etc\/rancher\/rke2\/config\.yaml/)
  assert.match(textOf('kind'), /kubeadmConfigPatches[\s\S]*service-account-private-key-file/)
  assert.match(textOf('talos'), /apiServer:\n {4}extraArgs:/)
})

test('the ID of a key is the one that Kubernetes computes', () => {
  // Known answer: openssl rsa -pubin -outform DER | openssl dgst -sha256 -binary | basenc --base64url
  const pem = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA6HZuO6JRr6bGJ1g780Dp
c6Iq8pLjW0cVUQX549/+4Yay2ibQxiAePtAEslwFc/pYL007kPU9jCp6ooV/hTqb
MSnoE1ZgPVIfzqajWzENXLY6vZyp9Ry1t7aqBHgRiuIrusINtUUQmtuEc4ANglOG
WZ3s3Q1D5WuD7S+EFL4eK8whnFrIvBDQY9ZbJ/hSjA0i89oWkEwWAm35/RFl78zQ
9O5DhdlfmPY1qQ/fPLZTDVapPeLzAvtkY/q7CtbBTZN9HhC/F7k2ZEhrVjQ8LGS1
Q5ekttCHTiorPiTvW0j2WXVM2R8WLcK67monLD1IoW6Fau+MWmc6wmnMBeE03Nda
SQIDAQAB
-----END PUBLIC KEY-----`
  assert.equal(keyOfPem(pem).kid, 'Fs4azI6O2hmUrSF2OkXVL8wd9jhI3IFw5s8HP72z0dE')
  assert.throws(() => keyOfPem('-----BEGIN EC PRIVATE KEY-----'), /contains a private key/)
})
