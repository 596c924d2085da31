import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { allScriptsEnded, runScript } from './cluster.ts'
import { type Prepared, savePrepared } from './environment.ts'
import { deleteRules } from './firewall.ts'
import { cleanGivenCluster, givenClusterProblem, leftoversInGivenCluster } from './given-cluster.ts'
import { kubeRules, removeKubeRules } from './kube-rules.ts'
import { findLeftovers, killProcesses } from './leftovers.ts'
import { prepare } from './prepare.ts'

// Runs the tests on a real cluster: the one of KUBECONFIG, else one that is started for this run and removed after it.

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const scripts = process.env.KUBECONFIG
  ? undefined
  : (process.env.WI_SETUP_E2E_CLUSTER ?? here('../../../shared/cluster'))
const succeeds = (program: string, ...args: string[]) => spawnSync(program, args).status === 0
const hasIptables = () => succeeds('iptables', '--version')
const startTime = performance.now()

/** Returns why the tests can't run and how to fix that, or undefined. */
function problem(): string | undefined {
  if (scripts && !existsSync(join(scripts, 'up')))
    return 'there is no disposable cluster: set KUBECONFIG, or WI_SETUP_E2E_CLUSTER to a folder with the scripts up, down and image (test/e2e/README.md)'
  if (scripts && process.getuid?.() !== 0)
    return 'a node that runs pods needs root; or set KUBECONFIG to a disposable cluster'
  if (!succeeds('kubectl', 'version', '--client')) return 'kubectl is not installed'
  if (!succeeds('helm', 'version'))
    return 'helm is not installed or not on the PATH (go install helm.sh/helm/v3/cmd/helm@v3.22.0)'
  return scripts ? undefined : givenClusterProblem()
}

const children = new Set<ChildProcess>()
const trackChild = (child: ChildProcess) => {
  children.add(child)
  child.once('exit', () => children.delete(child))
}
let root = ''
let hadNoRules = false

async function endChildren(): Promise<void> {
  const exits = [...children].map((child) => new Promise((resolve) => child.once('exit', resolve)))
  for (const child of children) child.kill('SIGTERM')
  await Promise.race([Promise.all(exits), new Promise((resolve) => setTimeout(resolve, 5000))])
  for (const child of children) child.kill('SIGKILL')
}

/** Ends what this run has started, and removes its cluster, or what it has created in the given one. */
async function removeAll(): Promise<void> {
  await endChildren()
  await allScriptsEnded()
  killProcesses(root)
  if (scripts) {
    if (hasIptables()) deleteRules()
    // A mount may still be busy the first time.
    await runScript(scripts, 'down').catch(() => runScript(scripts, 'down'))
    if (hadNoRules) removeKubeRules()
  } else cleanGivenCluster()
  rmSync(root, { recursive: true, force: true, maxRetries: 5 })
  const leftovers = [
    ...findLeftovers(root, scripts !== undefined),
    ...(scripts ? [] : leftoversInGivenCluster()),
    ...(hadNoRules ? kubeRules() : []),
  ]
  for (const each of leftovers) process.stderr.write(`e2e: not removed: ${each}\n`)
  if (leftovers.length) process.exitCode = 1
}
let removal: Promise<void> | undefined
const cleanUp = () => {
  removal ??= removeAll()
  return removal
}

/** The variables that let the tests themselves reach and trust the sandbox. */
const sandboxAccess = ({ env }: Prepared) => ({
  NODE_EXTRA_CA_CERTS: env.NODE_EXTRA_CA_CERTS,
  NODE_OPTIONS: env.NODE_OPTIONS,
  WI_E2E_HOST: env.WI_E2E_HOST,
  WI_E2E_DOMAIN: env.WI_E2E_DOMAIN,
})

/** The test files whose names contain one of the arguments; without arguments those with a number. */
function testFiles(): string[] {
  const parts = process.argv.slice(2)
  return globSync('*.test.ts', { cwd: here('.') })
    .filter((name) => (parts.length === 0 ? /^\d/.test(name) : parts.some((part) => name.includes(part))))
    .sort()
    .map(here)
}

/** Prepares the cluster, runs the tests and returns their exit code. */
async function runTests(): Promise<number> {
  // Remove what a killed run has left.
  if (scripts && hasIptables()) deleteRules()
  if (scripts) await runScript(scripts, 'down')
  // Existing rules belong to another cluster.
  hadNoRules = scripts !== undefined && kubeRules().length === 0
  const prepared = await prepare({ root, scripts, onStart: trackChild })
  if (stopped) return 130
  savePrepared(prepared)
  const child = spawn(
    process.execPath,
    ['--test', '--test-timeout=600000', '--test-reporter=spec', '--test-concurrency=1', ...testFiles()],
    { stdio: 'inherit', env: { ...process.env, ...sandboxAccess(prepared), WI_E2E_FOLDER: root } },
  )
  trackChild(child)
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
}

let stopped = false
const reason = problem()
if (reason) process.stdout.write(`e2e: skipped: ${reason}\n`)
else {
  root = mkdtempSync(join(tmpdir(), 'wi-e2e-'))
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (!stopped) process.stderr.write('e2e: stopped; cleaning up\n')
      stopped = true
      cleanUp().finally(() => process.exit(130))
    })
  try {
    process.exitCode = await runTests()
  } catch (error) {
    if (!stopped) throw error
  } finally {
    await cleanUp()
    process.stdout.write(`e2e: ${Math.round((performance.now() - startTime) / 1000)} s\n`)
  }
}
