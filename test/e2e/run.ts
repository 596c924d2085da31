import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { allScriptsEnded, runScript } from './cluster.ts'
import { type Prepared, savePrepared } from './environment.ts'
import { refuseNothing } from './firewall.ts'
import { cleanGivenCluster, leftoversInGivenCluster, whyGivenClusterUnusable } from './given-cluster.ts'
import { kubeRules, removeKubeRules } from './kube-rules.ts'
import { findLeftovers, killProcesses } from './leftovers.ts'
import { prepare } from './prepare.ts'

// Shows the program on a real Kubernetes cluster: the one of KUBECONFIG, else one started for this run and removed after it.

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const scripts = process.env.KUBECONFIG
  ? undefined
  : (process.env.WI_SETUP_E2E_CLUSTER ?? here('../../../shared/cluster'))
const has = (program: string, ...args: string[]) => spawnSync(program, args).status === 0
const began = performance.now()

function lacking(): string | undefined {
  if (scripts && !existsSync(join(scripts, 'up')))
    return 'there is no disposable cluster: give one by KUBECONFIG (kind, k3d, kubeadm; CONTRIBUTING.md, "On a real cluster"), or name a folder with the scripts up, down and image by WI_SETUP_E2E_CLUSTER'
  if (scripts && process.getuid?.() !== 0)
    return 'a node that runs pods needs root; or give a cluster by KUBECONFIG'
  if (!has('kubectl', 'version', '--client')) return 'kubectl is not installed'
  if (!has('helm', 'version'))
    return 'helm is not installed (go install helm.sh/helm/v3/cmd/helm@v3.22.0, and its folder on the PATH)'
  return scripts ? undefined : whyGivenClusterUnusable()
}

const children = new Set<ChildProcess>()
const started = (child: ChildProcess) => {
  children.add(child)
  child.once('exit', () => children.delete(child))
}
let folder = ''
let hadNoRules = false

/** Ends what was started, by its id, and removes the cluster with all its state, or what was made in the one given. */
async function removeAll(): Promise<void> {
  const ends = [...children].map((child) => new Promise((resolve) => child.once('exit', resolve)))
  for (const child of children) child.kill('SIGTERM')
  await Promise.race([Promise.all(ends), new Promise((resolve) => setTimeout(resolve, 5000))])
  for (const child of children) child.kill('SIGKILL')
  await allScriptsEnded()
  killProcesses(folder)
  if (scripts) {
    if (has('iptables', '--version')) refuseNothing()
    // A mount may still be busy the first time.
    await runScript(scripts, 'down').catch(() => runScript(scripts, 'down'))
    if (hadNoRules) removeKubeRules()
  } else cleanGivenCluster()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  const left = [
    ...findLeftovers(folder, scripts !== undefined),
    ...(scripts ? [] : leftoversInGivenCluster()),
  ]
  if (hadNoRules) left.push(...kubeRules())
  for (const each of left) process.stderr.write(`e2e: left behind: ${each}\n`)
  if (left.length) process.exitCode = 1
}
let removing: Promise<void> | undefined
const cleanUp = () => {
  removing ??= removeAll()
  return removing
}

/** What lets the tests themselves talk to the sandbox: its authority, and its names. */
const talking = ({ env: { NODE_EXTRA_CA_CERTS, NODE_OPTIONS, WI_E2E_HOST, WI_E2E_DOMAIN } }: Prepared) => ({
  NODE_EXTRA_CA_CERTS,
  NODE_OPTIONS,
  WI_E2E_HOST,
  WI_E2E_DOMAIN,
})

async function tests(): Promise<number> {
  // What a run that was killed has left.
  if (scripts && has('iptables', '--version')) refuseNothing()
  if (scripts) await runScript(scripts, 'down')
  // Rules that are there now are another cluster's.
  hadNoRules = scripts !== undefined && kubeRules().length === 0
  const place = await prepare({ root: folder, scripts, onStart: started })
  if (stopped) return 130
  savePrepared(place)
  const wanted = process.argv.slice(2)
  const files = globSync('*.test.ts', { cwd: here('.') })
    .sort()
    .filter((name) => (wanted.length === 0 ? /^\d/.test(name) : wanted.some((part) => name.includes(part))))
  const child = spawn(
    process.execPath,
    ['--test', '--test-reporter=spec', '--test-concurrency=1', ...files.map((name) => here(name))],
    { stdio: 'inherit', env: { ...process.env, ...talking(place), WI_E2E_FOLDER: folder } },
  )
  started(child)
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
}

let stopped = false
const missing = lacking()
if (missing) process.stdout.write(`e2e: skipped: ${missing}\n`)
else {
  folder = mkdtempSync(join(tmpdir(), 'wi-e2e-'))
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (!stopped) process.stderr.write('e2e: stopped; cleaning up\n')
      stopped = true
      cleanUp().finally(() => process.exit(130))
    })
  try {
    process.exitCode = await tests()
  } catch (error) {
    if (!stopped) throw error
  } finally {
    await cleanUp()
    process.stdout.write(`e2e: ${Math.round((performance.now() - began) / 1000)} s\n`)
  }
}
