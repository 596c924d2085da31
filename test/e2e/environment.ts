import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonDocument } from '../../src/ui/json.ts'

/** What `run.ts` has prepared: a cluster that runs pods, and a sandbox whose AKS cluster stands for it. */
export interface E2eEnvironment {
  folder: string
  /** Folder with the scripts `up`, `down` and `image`; undefined where the cluster is the contributor's own. */
  scripts?: string
  /** Of the cluster's administrator. */
  kubeconfig: string
  program: string
  chart: string
  image: string
  arm: string
  /** Of the AKS cluster, and since then the API server's. */
  issuer: string
  /** Environment of the program: signed in as the sandbox's operator. */
  env: Record<string, string>
}

export const environmentFile = (folder: string) => join(folder, 'place.json')

export const e2eEnvironment = (): E2eEnvironment => {
  const folder = process.env.WI_SETUP_E2E_PLACE
  if (!folder) throw new Error('npm run e2e starts these tests')
  return JSON.parse(readFileSync(environmentFile(folder), 'utf8'))
}

export interface Result {
  code: number | null
  stdout: string
  stderr: string
  /** The one JSON document on the standard output. */
  readonly json: JsonDocument
}

export interface RunOptions {
  /** The run's folder unless told otherwise. */
  cwd?: string
  input?: string
  env?: Record<string, string>
  /** Called with the process at once. */
  started?: (child: ReturnType<typeof spawn>) => void
}

/** Runs the built program to its end. */
export function run(at: E2eEnvironment, args: readonly string[], options: RunOptions = {}): Promise<Result> {
  const child = spawn(process.execPath, [at.program, ...args], {
    cwd: options.cwd ?? at.folder,
    env: { ...at.env, ...options.env },
  })
  child.stdin.end(options.input ?? '')
  options.started?.(child)
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk
    })
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 240_000)
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      const { stdout, stderr } = text
      resolve({
        code,
        stdout,
        stderr,
        get json() {
          if (!/^\{.*\}\n$/.test(stdout)) throw new Error(`Not one line of JSON: ${stdout}\n${stderr}`)
          return JSON.parse(stdout) as JsonDocument
        },
      })
    })
  })
}

/** For a test that needs more than the API server: why it is skipped on a cluster given by KUBECONFIG, else `false`. */
export const skipOnGivenCluster = (at: E2eEnvironment, what: string): string | false =>
  at.scripts === undefined && `${what}: only on the cluster that WI_SETUP_E2E_CLUSTER starts`

/** Runs kubectl as the cluster's administrator; throws what it says on failure. */
export const kubectl = (at: E2eEnvironment, args: readonly string[], input?: string): string =>
  execFileSync('kubectl', ['--kubeconfig', at.kubeconfig, ...args], {
    encoding: 'utf8',
    env: at.env,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(input === undefined ? {} : { input }),
  })

/** Runs helm as the cluster's administrator; throws what it says on failure. */
export const helm = (at: E2eEnvironment, args: readonly string[]): string =>
  execFileSync('helm', args, {
    encoding: 'utf8',
    env: { ...at.env, KUBECONFIG: at.kubeconfig },
    stdio: ['ignore', 'pipe', 'pipe'],
  })

/** The requests to the sandbox that wrote, so far. */
export function azureWrites(at: E2eEnvironment): string[] {
  const path = join(at.env.XDG_STATE_HOME!, 'wi-setup', 'sandbox', 'journal.jsonl')
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { method: string; path: string; write: boolean })
    .filter(({ write }) => write)
    .map(({ method, path }) => `${method} ${path}`)
}

/** `kind namespace/name` → resourceVersion, of all that a set-up could touch. */
export function resourceVersions(at: E2eEnvironment, namespace: string): Record<string, string> {
  const read = (args: string[]) => JSON.parse(kubectl(at, ['get', ...args, '--output', 'json'])).items
  const items = [
    ...read(['namespaces,mutatingwebhookconfigurations,clusterroles,clusterrolebindings']),
    ...read(['serviceaccounts,configmaps,deployments,services,pods,secrets', '--namespace', namespace]),
    ...read(['all,secrets,configmaps', '--namespace', 'azure-workload-identity-system']),
  ]
  return Object.fromEntries(
    items.map(({ kind, metadata }) => [
      `${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
      metadata.resourceVersion,
    ]),
  )
}

/** The flags of the whole job on the managed cluster. */
export const setUpFlags = (at: E2eEnvironment): string[] => [
  ...['--cloud', at.arm, '--location', 'westeurope', '--resource-group', 'rg-e2e', '--cluster', 'aks-e2e'],
  ...['--namespace', 'shop', '--service-account', 'checkout', '--vault', 'kv-e2e', '--secret', 'db-password'],
  ...['--webhook', 'helm', '--chart', at.chart, '--sample-image', at.image],
]

/** The flags of the whole job on a cluster reached by a kubeconfig, the administrator's unless told otherwise. */
export const kubeconfigFlags = (
  at: E2eEnvironment,
  namespace: string,
  reach = ['--kubeconfig', at.kubeconfig],
): string[] => [
  ...['--cloud', at.arm, '--location', 'westeurope', '--resource-group', 'rg-e2e', ...reach],
  ...[
    '--namespace',
    namespace,
    '--service-account',
    'checkout',
    '--vault',
    'kv-e2e',
    '--secret',
    'db-password',
  ],
  ...['--chart', at.chart, '--sample-image', at.image],
]

/** What a run has written, step by step: not what it only waited for, a pod that becomes ready again. */
export const writtenSteps = ({ json }: Result): string[] =>
  json.steps
    .filter(({ action }) => action !== 'keep')
    .filter(({ changes }) => changes.length === 0 || changes.some(({ field }) => field !== 'ready pods'))
    .map(({ id, action }) => `${action} ${id}`)

/** The managed cluster set up, whatever a test before left behind. */
export async function applySetUp(at: E2eEnvironment): Promise<Result> {
  const done = await run(at, [...setUpFlags(at), '--yes', '--output', 'json'])
  if (done.code !== 0) throw new Error(`The set-up ended with ${done.code}\n${done.stderr}\n${done.stdout}`)
  return done
}
