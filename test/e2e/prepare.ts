import { type ChildProcess, execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parse, stringify } from 'yaml'
import { programEnvironment } from '../support/environment.ts'
import { serveSandbox } from '../support/served-sandbox.ts'
import { makeChart } from './chart.ts'
import { restartApiServer, runScript } from './cluster.ts'
import { clusterFlags, openEnvironment, type Prepared } from './environment.ts'
import { givenCluster } from './given-cluster.ts'
import { image, makeImage } from './image.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const freePort = (host: string) =>
  new Promise<string>((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, host, () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(String(port)))
    })
  })

/** The cluster, and where the sandbox is served for it. */
interface Cluster {
  kubeconfig: string
  /** The IP address of this machine as pods reach it. */
  host: string
  /** Pods resolve every name below it to that address. */
  domain: string
  port: string
}

async function startCluster(scripts: string | undefined, root: string): Promise<Cluster> {
  if (scripts) {
    const own = await runScript(scripts, 'up', ['--node'])
    // The cluster's other files are beside its kubeconfig.
    const kubeconfig = saveKubeconfig(
      dirname(own),
      execFileSync('kubectl', ['--kubeconfig', own, 'config', 'view', '--raw', '--flatten'], {
        encoding: 'utf8',
      }),
    )
    const host = new URL(parse(readFileSync(kubeconfig, 'utf8')).clusters[0].cluster.server).hostname
    return { kubeconfig, host, domain: 'sandbox.test', port: await freePort(host) }
  }
  const cluster = givenCluster()
  return { ...cluster, kubeconfig: saveKubeconfig(root, cluster.kubeconfig) }
}

/** The names that `az aks get-credentials` would give to the contexts of the managed clusters. */
const managedContexts = ['aks-e2e', 'aks-score']

/** Saves the administrator's kubeconfig with those contexts, which printed commands name. */
function saveKubeconfig(folder: string, text: string): string {
  const config = parse(text)
  const [{ context }] = config.contexts
  config.contexts.push(...managedContexts.map((name) => ({ name, context })))
  const file = join(folder, 'kubeconfig')
  writeFileSync(file, stringify(config), { mode: 0o600 })
  return file
}

/** Copies the built program out of the checkout, and returns its environment. */
function installProgram(root: string, { host, domain }: Cluster) {
  for (const name of ['bin', 'dist', 'package.json'])
    cpSync(here(`../../${name}`), join(root, name), { recursive: true })
  const [home, state] = [join(root, 'home'), join(root, 'state')]
  for (const folder of [home, state]) mkdirSync(folder)
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    XDG_STATE_HOME: state,
    LANG: 'C.UTF-8',
    NODE_OPTIONS: `--import ${pathToFileURL(here('sandbox-names.mjs')).href}`,
    WI_E2E_HOST: host,
    WI_E2E_DOMAIN: domain,
  }
  return programEnvironment({ root, cwd: root, env, program: join(root, 'bin', 'wi-setup.js') })
}

/** Creates the managed cluster that represents the real one, and returns its issuer. */
async function createAksCluster(prepared: Prepared): Promise<string> {
  const flags = [...clusterFlags(prepared), '--webhook', 'helm', '--yes', '--output', 'json']
  const { code, stderr, json } = await openEnvironment(prepared).run(['cluster', ...flags])
  const issuer = code === 0 && json.outputs.issuer
  if (typeof issuer !== 'string') throw new Error(`The AKS cluster was not created:\n${stderr}`)
  return issuer
}

/**
 * Prepares everything that the tests need: a copy of the built program, the sandbox where pods reach it, image and
 * chart, and the AKS cluster with the issuer that the real API server signs for.
 */
export async function prepare(options: {
  root: string
  /** Undefined on a cluster given by KUBECONFIG. */
  scripts: string | undefined
  onStart: (child: ChildProcess) => void
}): Promise<Prepared> {
  const { root, scripts } = options
  const cluster = await startCluster(scripts, root)
  const program = installProgram(root, cluster)
  const { addresses, env, process } = await serveSandbox(program, [
    ...['--host', cluster.host, '--domain', cluster.domain, '--port', cluster.port, '--pace', '0'],
    ...['--kubeconfig', cluster.kubeconfig],
  ])
  options.onStart(process.child)
  await makeImage(scripts, root, addresses.caFile)
  const prepared: Prepared = {
    root,
    ...(scripts ? { scripts } : {}),
    kubeconfig: cluster.kubeconfig,
    program: join(root, 'bin', 'wi-setup.js'),
    chart: await makeChart(root, addresses.login),
    image,
    arm: addresses.arm,
    issuer: '',
    env: { ...program.env, ...env },
  }
  const issuer = await createAksCluster(prepared)
  if (scripts) await restartApiServer({ ...prepared, issuer })
  return { ...prepared, issuer }
}
