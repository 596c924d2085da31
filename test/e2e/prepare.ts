import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { parse, stringify } from 'yaml'
import { issueLeaf, makeAuthority } from '../../src/sandbox/certificates.ts'
import { restart, script } from './cluster.ts'
import { job, type Place, run } from './place.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const domain = 'sandbox.test'
const image = 'localhost/workload-identity/e2e:v1.6.0'

const freePort = (host: string) =>
  new Promise<number>((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, host, () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
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
  kubeconfig: string,
  started: (child: ChildProcess) => void,
): Promise<Addresses> {
  const host = env.WI_E2E_HOST!
  const port = String(await freePort(host))
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
  throw new Error('The sandbox did not start')
}

/** One image for the webhook and the sample: this checkout's own Node.js, which trusts the sandbox's authority. */
async function makeImage(scripts: string, folder: string, caFile: string): Promise<void> {
  const webhook = join(folder, 'webhook.mjs')
  const entryPoints = [here('webhook/server.ts')]
  await build({ entryPoints, outfile: webhook, bundle: true, platform: 'node', format: 'esm' })
  const node = join(folder, 'node')
  writeFileSync(node, '#!/bin/sh\nNODE_EXTRA_CA_CERTS=/etc/sandbox-ca.pem exec /bin/node "$@"\n')
  chmodSync(node, 0o755)
  const authority = join(folder, 'sandbox-ca.pem')
  writeFileSync(authority, readFileSync(caFile), { mode: 0o644 })
  const files = [
    `${process.execPath}=/bin/node`,
    '/bin/sh=/bin/sh',
    `${node}=/usr/local/bin/node`,
    `${webhook}=/webhook.mjs`,
    `${authority}=/etc/sandbox-ca.pem`,
  ]
  script(scripts, 'image', [image, '["/bin/node","/webhook.mjs"]', ...files])
}

/** The tests' chart with the values that a real cluster needs. */
async function makeChart(folder: string, login: string): Promise<string> {
  const chart = join(folder, 'chart')
  cpSync(here('../chart'), chart, { recursive: true })
  const authority = await makeAuthority()
  const namespaces = ['azure-workload-identity-system', 'platform']
  const dns = namespaces.map((name) => `azure-wi-webhook-webhook-service.${name}.svc`)
  const leaf = await issueLeaf(authority, { dns, ip: [] })
  const [repository, release] = image.split(/:(?=[^:]*$)/)
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const values = join(chart, 'values.yaml')
  writeFileSync(
    values,
    stringify(
      {
        ...parse(readFileSync(values, 'utf8')),
        image: { repository, release },
        authorityHost: `${login}/`,
        certificate: { ca: base64(authority.cert), crt: base64(leaf.cert), key: base64(leaf.key) },
      },
      { lineWidth: 0 },
    ),
  )
  return chart
}

/** The API server's address without the port: where pods reach this machine. */
const hostOf = (kubeconfig: string) =>
  new URL(parse(readFileSync(kubeconfig, 'utf8')).clusters[0].cluster.server).hostname

/**
 * Prepares what the tests work with: the built program apart from the checkout, the sandbox, image and chart, and
 * the AKS cluster whose issuer the real API server is then started with.
 */
export async function prepare(of: {
  folder: string
  scripts: string
  started: (child: ChildProcess) => void
}): Promise<Place> {
  const { folder, scripts } = of
  const kubeconfig = script(scripts, 'up', ['--node'])
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
    WI_E2E_HOST: hostOf(kubeconfig),
    WI_E2E_DOMAIN: domain,
  }
  const { arm, login, caFile, tenantId, clientId, clientSecret } = await serve(
    program,
    env,
    kubeconfig,
    of.started,
  )
  await makeImage(scripts, folder, caFile)
  const place: Place = {
    folder,
    scripts,
    kubeconfig,
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
  const cluster = [...job(place).slice(0, 8), '--webhook', 'helm', '--yes', '--output', 'json']
  const made = await run(place, ['cluster', ...cluster])
  const issuer = made.code === 0 && made.json.outputs.issuer
  if (typeof issuer !== 'string') throw new Error(`The AKS cluster was not made:\n${made.stderr}`)
  restart({ ...place, issuer })
  return { ...place, issuer }
}
