import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parse } from 'yaml'
import { makeChart } from './chart.ts'
import { restart, script } from './cluster.ts'
import { type E2eEnvironment, run, setUpFlags } from './environment.ts'
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

interface Addresses {
  arm: string
  login: string
  caFile: string
  tenantId: string
  clientId: string
  clientSecret: string
}

/** Serves the sandbox where pods reach it, the cluster's kubeconfig behind its AKS resources. */
async function serve(
  program: string,
  env: Record<string, string>,
  { kubeconfig, host, domain, port }: Cluster,
  started: (child: ChildProcess) => void,
): Promise<Addresses> {
  const child = spawn(
    process.execPath,
    [
      ...[program, 'sandbox', 'start', '--host', host, '--domain', domain, '--port', port, '--pace', '0'],
      ...['--kubeconfig', kubeconfig, '--output', 'json'],
    ],
    { env, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  started(child)
  child.stdout.setEncoding('utf8')
  let text = ''
  for await (const part of child.stdout) {
    text += part
    if (text.endsWith('\n')) return JSON.parse(text)
  }
  throw new Error(`The sandbox did not start at ${host}:${port}`)
}

/** The cluster, and where the sandbox is served for it. */
interface Cluster {
  kubeconfig: string
  /** Address of this machine as pods reach it. */
  host: string
  /** Pods look up all names below it as that address. */
  domain: string
  port: string
}

async function start(scripts: string | undefined, folder: string): Promise<Cluster> {
  if (scripts) {
    const kubeconfig = await script(scripts, 'up', ['--node'])
    const host = new URL(parse(readFileSync(kubeconfig, 'utf8')).clusters[0].cluster.server).hostname
    return { kubeconfig, host, domain: 'sandbox.test', port: await freePort(host) }
  }
  const cluster = givenCluster()
  const file = join(folder, 'kubeconfig')
  writeFileSync(file, cluster.kubeconfig, { mode: 0o600 })
  return { ...cluster, kubeconfig: file }
}

/**
 * Prepares what the tests work with: the built program apart from the checkout, the sandbox, image and chart, and
 * the AKS cluster whose issuer the real API server is then started with, or was by the contributor.
 */
export async function prepare(of: {
  folder: string
  /** Undefined: a cluster is given. */
  scripts: string | undefined
  started: (child: ChildProcess) => void
}): Promise<E2eEnvironment> {
  const { folder, scripts } = of
  const cluster = await start(scripts, folder)
  for (const name of ['bin', 'dist', 'package.json'])
    cpSync(here(`../../${name}`), join(folder, name), { recursive: true })
  const program = join(folder, 'bin', 'wi-setup.js')
  const [home, state] = [join(folder, 'home'), join(folder, 'state')]
  for (const made of [home, state]) mkdirSync(made)
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    XDG_STATE_HOME: state,
    LANG: 'C.UTF-8',
    NODE_OPTIONS: `--import ${pathToFileURL(here('names.mjs')).href}`,
    WI_E2E_HOST: cluster.host,
    WI_E2E_DOMAIN: cluster.domain,
  }
  const addresses = await serve(program, env, cluster, of.started)
  const { arm, login, caFile, tenantId, clientId, clientSecret } = addresses
  await makeImage(scripts, folder, caFile)
  const place: E2eEnvironment = {
    folder,
    ...(scripts ? { scripts } : {}),
    kubeconfig: cluster.kubeconfig,
    program,
    chart: await makeChart(folder, login),
    image,
    arm,
    issuer: '',
    env: {
      ...env,
      AZURE_TENANT_ID: tenantId,
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_SECRET: clientSecret,
      NODE_EXTRA_CA_CERTS: caFile,
    },
  }
  const flags = [...setUpFlags(place).slice(0, 8), '--webhook', 'helm', '--yes', '--output', 'json']
  const made = await run(place, ['cluster', ...flags])
  const issuer = made.code === 0 && made.json.outputs.issuer
  if (typeof issuer !== 'string') throw new Error(`The AKS cluster was not made:\n${made.stderr}`)
  if (scripts) await restart({ ...place, issuer })
  return { ...place, issuer }
}
