import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Refusal } from '../refusal.ts'
import type { Cloud } from './cloud.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from './start.ts'
import { stateFile, writePrivate } from './state-file.ts'
import type { World } from './world.ts'

/** A sandbox that this program may use as its cloud: one that runs already, or one of its own until `close`. */
export interface Session {
  dir: string
  /** Only of one's own. */
  cloud: Cloud | undefined
  arm: string
  ca: string
  caFile: string
  tenantId: string
  subscriptionId: string
  operator: { clientId: string; clientSecret: string }
  proxy: string
  /** True if another program serves it. */
  shared: boolean
  close(): Promise<void>
}

interface Marker {
  pid: number
  host: string
  arm: string
  control: string
  proxy: string
}

const markerOf = (dir: string) => join(dir, 'running.json')

/** What runs on this state folder now, if it answers. */
export async function running(dir: string): Promise<Marker | undefined> {
  const path = markerOf(dir)
  if (!existsSync(path)) return undefined
  const marker = JSON.parse(readFileSync(path, 'utf8')) as Marker
  return (await answers(marker, readFileSync(join(dir, 'ca.pem'), 'utf8'))) ? marker : undefined
}

const answers = (marker: Marker, ca: string) =>
  new Promise<boolean>((resolve) => {
    const url = new URL(`${marker.control}/status`)
    const asked = request(
      {
        host: ['0.0.0.0', '::', undefined].includes(marker.host) ? '127.0.0.1' : marker.host,
        port: url.port,
        path: url.pathname,
        headers: { host: url.host },
        servername: 'localhost',
        ca,
        timeout: 2000,
      },
      (response) => {
        response.resume()
        resolve(response.statusCode === 200)
      },
    )
    asked.on('error', () => resolve(false))
    asked.on('timeout', () => asked.destroy())
    asked.end()
  })

/** The port is taken: by another program of ours that has just begun to serve this folder, if it is that. */
async function startingNow(dir: string): Promise<Marker | undefined> {
  for (let turn = 0; turn < 10; turn++) {
    const found = await running(dir)
    if (found) return found
    await delay(100)
  }
  return undefined
}

export async function openSandbox(
  dir: string,
  pid: number,
  options: Omit<SandboxOptions, 'stateDir'>,
): Promise<Session> {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  let shared = await running(dir)
  const of = (
    world: World,
    arm: string,
    proxy: string,
    close: () => Promise<void>,
    cloud?: Cloud,
  ): Session => ({
    dir,
    cloud,
    arm,
    proxy,
    ca: readFileSync(join(dir, 'ca.pem'), 'utf8'),
    caFile: join(dir, 'ca.pem'),
    tenantId: world.tenant.id,
    subscriptionId: world.subscription.id,
    operator: world.operator,
    shared: shared !== undefined,
    close,
  })
  const joined = ({ arm, proxy }: Marker) => of(stateFile(dir).load()!, arm, proxy, async () => {})
  if (shared) return joined(shared)
  let sandbox: Sandbox
  try {
    sandbox = await startSandbox({ ...options, stateDir: dir })
  } catch (error) {
    const { code, port } = error as NodeJS.ErrnoException & { port?: number }
    if (code !== 'EADDRINUSE') throw error
    shared = await startingNow(dir)
    if (shared) return joined(shared)
    throw new Refusal(
      `The port ${port} of the sandbox is in use by another program`,
      'End that program, or start afresh on another port: npx wi-setup sandbox reset',
    )
  }
  const { addresses, host } = sandbox.cloud
  const { arm, control } = addresses
  writePrivate(
    markerOf(dir),
    JSON.stringify({ pid, host, arm, control, proxy: sandbox.proxy } satisfies Marker),
  )
  return of(
    sandbox.world,
    arm,
    sandbox.proxy,
    async () => {
      rmSync(markerOf(dir), { force: true })
      await sandbox.close()
    },
    sandbox.cloud,
  )
}

/** Forgets the world. Refuses while it is being served. */
export async function resetSandbox(dir: string): Promise<'done' | 'running'> {
  if (await running(dir)) return 'running'
  for (const name of ['world.json', 'journal.jsonl', 'running.json']) rmSync(join(dir, name), { force: true })
  return 'done'
}
