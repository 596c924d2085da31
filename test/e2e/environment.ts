import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  applySetUp as applyIn,
  type ClusterEnvironment,
  type ProgramEnvironment,
  programEnvironment,
} from '../support/environment.ts'
import type { Output } from '../support/process.ts'

/** The result of `prepare.ts`: a cluster that runs pods, and a sandbox whose AKS cluster represents it. */
export interface Prepared {
  /** Folder of the run. */
  root: string
  /** Folder with the scripts `up`, `down` and `image`; undefined on a cluster given by KUBECONFIG. */
  scripts?: string
  /** Of the cluster's administrator. */
  kubeconfig: string
  program: string
  chart: string
  image: string
  arm: string
  /** The issuer of the AKS cluster, and of the API server's tokens. */
  issuer: string
  /** Environment of the program: signed in as the sandbox's operator. */
  env: Record<string, string>
}

/** A real cluster, the sandbox, and the built program. */
export interface E2eEnvironment extends Prepared, Omit<ProgramEnvironment, 'env'>, ClusterEnvironment {
  image: string
  kubectl(args: readonly string[], input?: string): string
  /** Returns one object or list, parsed. */
  // biome-ignore lint/suspicious/noExplicitAny: Kubernetes objects have many shapes
  get(...args: string[]): any
  helm(args: readonly string[]): string
}

const fileIn = (root: string) => join(root, 'environment.json')

export const savePrepared = (prepared: Prepared): void =>
  writeFileSync(fileIn(prepared.root), JSON.stringify(prepared), { mode: 0o600 })

/** Returns the environment that `npm run test:e2e` has prepared for its tests. */
export function e2eEnvironment(): E2eEnvironment {
  const root = process.env.WI_E2E_FOLDER
  if (!root) throw new Error('These tests are started by npm run test:e2e')
  return openEnvironment(JSON.parse(readFileSync(fileIn(root), 'utf8')) as Prepared)
}

export function openEnvironment(prepared: Prepared): E2eEnvironment {
  const { root, kubeconfig, env, program } = prepared
  const cwd = join(root, 'work')
  mkdirSync(cwd, { recursive: true })
  const execute = (command: string, args: readonly string[], input = '') =>
    execFileSync(command, args, {
      encoding: 'utf8',
      env: { ...env, KUBECONFIG: kubeconfig },
      stdio: ['pipe', 'pipe', 'pipe'],
      input,
    })
  const kubectl: E2eEnvironment['kubectl'] = (args, input) => execute('kubectl', args, input)
  return {
    ...programEnvironment({ root, cwd, env, program, timeoutMs: 240_000 }),
    ...prepared,
    cloud: ['--cloud', prepared.arm],
    address: env.WI_E2E_HOST!,
    settleTimeout: '60s',
    kubectl,
    get: (...args) => JSON.parse(kubectl(['get', ...args, '--output', 'json'])),
    helm: (args) => execute('helm', args),
    // The folder is removed by `run.ts`.
    close: async () => {},
  }
}

/** Returns why a test that needs more than the API server is skipped on a cluster given by KUBECONFIG, else `false`. */
export const skipOnGivenCluster = ({ scripts }: Prepared, reason: string): string | false =>
  scripts === undefined && `${reason}: only on the cluster that WI_SETUP_E2E_CLUSTER starts`

/** Returns the requests that have written to the sandbox. */
export const azureWrites = (environment: E2eEnvironment): string[] =>
  environment
    .journal()
    .filter(({ write }) => write)
    .map(({ method, path }) => `${method} ${path}`)

/** Returns `kind namespace/name` → resourceVersion of everything that a set-up could touch. */
export function resourceVersions({ get }: E2eEnvironment, namespace: string): Record<string, string> {
  const items = [
    ...get('namespaces,mutatingwebhookconfigurations,clusterroles,clusterrolebindings').items,
    ...get('serviceaccounts,configmaps,deployments,services,pods,secrets', '--namespace', namespace).items,
    ...get('all,secrets,configmaps', '--namespace', 'azure-workload-identity-system').items,
  ]
  return Object.fromEntries(
    items.map(({ kind, metadata }) => [
      `${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
      metadata.resourceVersion,
    ]),
  )
}

/** The flags that select the managed cluster. */
export const clusterFlags = ({ arm }: Prepared): string[] => [
  ...['--cloud', arm, '--location', 'westeurope', '--resource-group', 'rg-e2e', '--cluster', 'aks-e2e'],
]

/** The flags of the set-up on the managed cluster. */
export const setUpFlags = (prepared: Prepared): string[] => [
  ...clusterFlags(prepared),
  ...['--namespace', 'shop', '--service-account', 'checkout', '--vault', 'kv-e2e', '--secret', 'db-password'],
  ...['--webhook', 'helm', '--chart', prepared.chart, '--sample-image', prepared.image],
]

/** The flags of a set-up by kubeconfig, the administrator's by default. */
export const kubeconfigFlags = (
  { arm, chart, image, kubeconfig }: Prepared,
  namespace: string,
  cluster = ['--kubeconfig', kubeconfig],
): string[] => [
  ...['--cloud', arm, '--location', 'westeurope', '--resource-group', 'rg-e2e', ...cluster],
  ...['--namespace', namespace, '--service-account', 'checkout'],
  ...['--vault', 'kv-e2e', '--secret', 'db-password', '--chart', chart, '--sample-image', image],
]

/** Returns the steps that wrote, without those that only waited for a pod to become ready. */
export const writtenSteps = ({ steps }: Output['json']): string[] =>
  steps
    .filter(({ action }) => action !== 'keep')
    .filter(({ changes }) => changes.length === 0 || changes.some(({ field }) => field !== 'ready pods'))
    .map(({ id, action }) => `${action} ${id}`)

/** Sets up the managed cluster from any state that an earlier test has left. */
export const applySetUp = (environment: E2eEnvironment) => applyIn(environment, setUpFlags(environment))
