import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { script } from './cluster.ts'
import { placeFile } from './place.ts'
import { prepare } from './prepare.ts'

// Shows the program on a real Kubernetes cluster, started for this run and removed after it.

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const scripts = process.env.WI_SETUP_E2E_CLUSTER ?? here('../../../shared/cluster')
const has = (program: string, ...args: string[]) => spawnSync(program, args).status === 0

function lacking(): string | undefined {
  if (!existsSync(join(scripts, 'up')))
    return 'there is no disposable cluster: WI_SETUP_E2E_CLUSTER names a folder with the scripts up, down and image, as ../shared/cluster has them'
  if (process.getuid?.() !== 0) return 'a node that runs pods needs root'
  if (!has('kubectl', 'version', '--client')) return 'kubectl is not installed'
  if (!has('helm', 'version'))
    return 'helm is not installed (go install helm.sh/helm/v3/cmd/helm@v3.22.0, and its folder on the PATH)'
  return undefined
}

const children = new Set<ChildProcess>()
const started = (child: ChildProcess) => {
  children.add(child)
  child.once('exit', () => children.delete(child))
}
const folder = mkdtempSync(join(tmpdir(), 'wi-e2e-'))

/** Ends what was started, by its id, and removes the cluster with all its state. */
async function cleanUp(): Promise<void> {
  const ends = [...children].map((child) => new Promise((resolve) => child.once('exit', resolve)))
  for (const child of children) child.kill('SIGTERM')
  await Promise.race([Promise.all(ends), new Promise((resolve) => setTimeout(resolve, 5000))])
  for (const child of children) child.kill('SIGKILL')
  script(scripts, 'down')
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

async function tests(): Promise<number> {
  script(scripts, 'down')
  const place = await prepare({ folder, scripts, started })
  writeFileSync(placeFile(folder), JSON.stringify(place), { mode: 0o600 })
  const wanted = process.argv.slice(2)
  const files = globSync('*.e2e.ts', { cwd: here('.') })
    .sort()
    .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  const child = spawn(
    process.execPath,
    ['--test', '--test-reporter=spec', '--test-concurrency=1', ...files.map((name) => here(name))],
    { stdio: 'inherit', env: { ...process.env, WI_SETUP_E2E_PLACE: folder } },
  )
  started(child)
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
}

const missing = lacking()
if (missing) process.stdout.write(`e2e: skipped: ${missing}\n`)
else {
  let stopped = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      stopped = true
      process.stderr.write('e2e: stopped; cleaning up\n')
      cleanUp().finally(() => process.exit(130))
    })
  try {
    process.exitCode = await tests()
  } catch (error) {
    if (!stopped) throw error
  } finally {
    if (!stopped) await cleanUp()
  }
}
