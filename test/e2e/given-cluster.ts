import { spawnSync } from 'node:child_process'
import { parse } from 'yaml'

// The disposable cluster of KUBECONFIG.

/** The namespaces that the tests create. */
const namespaces = /^namespace\/(shop|bay|lean|platform|score-\d+|azure-workload-identity-system)$/

const issuerShape = /^https:\/\/oic\.(?<domain>[\w.-]+):(?<port>\d+)\/[^/]+\/[^/]+\/[^/]+\/$/

const kubectl = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync('kubectl', ['--request-timeout=10s', ...args], {
    encoding: 'utf8',
  })
  return { ok: status === 0, out: stdout.trim(), why: stderr.trim().split('\n').at(-1) ?? '' }
}

const server = () =>
  kubectl('config', 'view', '--minify', '--output', 'jsonpath={.clusters[0].cluster.server}').out

/** Returns its kubeconfig without references to files, and the address at which the sandbox must be served as its issuer. */
export function givenCluster(): {
  kubeconfig: string
  issuer: string
  host: string
  domain: string
  port: string
} {
  const kubeconfig = kubectl('config', 'view', '--raw', '--minify', '--flatten').out
  const { issuer } = parse(kubectl('get', '--raw', '/.well-known/openid-configuration').out)
  const { domain, port } = issuerShape.exec(issuer)!.groups as { domain: string; port: string }
  const host = process.env.WI_SETUP_E2E_HOST ?? new URL(server()).hostname
  return { kubeconfig, issuer, host, domain, port }
}

/** Returns why the tests can't run on it and how to fix that, or undefined. */
export function givenClusterProblem(): string | undefined {
  const document = kubectl('get', '--raw', '/.well-known/openid-configuration')
  if (!document.ok) return `the cluster of KUBECONFIG does not respond: ${document.why}`
  const { issuer } = parse(document.out)
  if (!issuerShape.test(issuer))
    return `the cluster of KUBECONFIG has the issuer ${issuer}; start its API server with --service-account-issuer=https://oic.sandbox.test:18443/westeurope/e2e/e2e/ (test/e2e/README.md)`
  if (!process.env.WI_SETUP_E2E_IMAGE_COMMAND)
    return 'WI_SETUP_E2E_IMAGE_COMMAND, which loads an image into the cluster of KUBECONFIG, is not set; for kind: \'docker build --tag "$1" "$2" && kind load docker-image "$1"\''
  const existing = namespacesInGiven()
  if (existing.length)
    return `the cluster of KUBECONFIG is in use; if it is disposable: kubectl delete ${existing.join(' ')}`
  const webhook = kubectl('get', 'mutatingwebhookconfigurations', '--output', 'name').out
  if (webhook.includes('azure-wi-webhook'))
    return `the cluster of KUBECONFIG has a webhook; if it is disposable: kubectl delete mutatingwebhookconfiguration azure-wi-webhook-mutating-webhook-configuration`
  return undefined
}

/** Returns what the tests have created beside namespaces, as `kind/name`. */
function ownInGiven(): string[] {
  const kinds =
    'clusterroles,clusterrolebindings,mutatingwebhookconfigurations,mutatingadmissionpolicies,mutatingadmissionpolicybindings'
  const own = /\/(wi-setup|operator$|checker$|prober$|caller$|score-caller$|azure-wi-webhook-)/
  return [
    ...kinds.split(',').flatMap((kind) => kubectl('get', kind, '--output', 'name').out.split('\n')),
    ...kubectl('get', 'serviceaccounts', '--namespace=default', '--output', 'name').out.split('\n'),
  ].filter((name) => own.test(name))
}

const namespacesInGiven = () =>
  kubectl('get', 'namespaces', '--output', 'name')
    .out.split('\n')
    .filter((name) => namespaces.test(name))

/** Deletes what the tests have created. */
export function cleanGivenCluster(): void {
  const names = ownInGiven()
  if (names.length) kubectl('delete', ...names, '--namespace=default', '--ignore-not-found')
  const homes = namespacesInGiven()
  if (homes.length) spawnSync('kubectl', ['delete', ...homes, '--ignore-not-found', '--timeout=90s'])
}

/** Returns what still exists of it. */
export const leftoversInGivenCluster = (): string[] =>
  [...ownInGiven(), ...namespacesInGiven()].map((name) => `${name} in the cluster of KUBECONFIG`)
