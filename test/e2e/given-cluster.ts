import { spawnSync } from 'node:child_process'
import { parse } from 'yaml'

// A disposable cluster that the contributor has started and gives by KUBECONFIG.

/** The namespaces that the tests make in it. */
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

/** Its kubeconfig with all files read in, and where the sandbox must be served so that its tokens are trusted. */
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

/** Why the tests cannot run on it, with the way out. */
export function whyGivenClusterUnusable(): string | undefined {
  const document = kubectl('get', '--raw', '/.well-known/openid-configuration')
  if (!document.ok) return `the cluster of KUBECONFIG does not answer: ${document.why}`
  const { issuer } = parse(document.out)
  if (!issuerShape.test(issuer))
    return `the cluster of KUBECONFIG signs as ${issuer}; start its API server with --service-account-issuer=https://oic.sandbox.test:18443/westeurope/e2e/e2e/ (CONTRIBUTING.md, "On a real cluster")`
  if (!process.env.WI_SETUP_E2E_IMAGE_COMMAND)
    return 'WI_SETUP_E2E_IMAGE_COMMAND does not say how an image gets into the cluster of KUBECONFIG: for kind \'docker build --tag "$1" "$2" && kind load docker-image "$1"\''
  const there = namespacesInGiven()
  if (there.length)
    return `the cluster of KUBECONFIG is in use: kubectl delete ${there.join(' ')}   if it is disposable`
  const webhook = kubectl('get', 'mutatingwebhookconfigurations', '--output', 'name').out
  if (webhook.includes('azure-wi-webhook'))
    return `the cluster of KUBECONFIG has the webhook already: kubectl delete azure-wi-webhook-mutating-webhook-configuration   if it is disposable`
  return undefined
}

/** What the tests made in it beside the namespaces: `kind/name`. */
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

/** Removes what the tests made in it. */
export function cleanGivenCluster(): void {
  const names = ownInGiven()
  if (names.length) kubectl('delete', ...names, '--namespace=default', '--ignore-not-found')
  const homes = namespacesInGiven()
  if (homes.length) spawnSync('kubectl', ['delete', ...homes, '--ignore-not-found', '--timeout=90s'])
}

/** What of it is still there. */
export const leftoversInGivenCluster = (): string[] =>
  [...ownInGiven(), ...namespacesInGiven()].map((name) => `${name} in the cluster of KUBECONFIG`)
