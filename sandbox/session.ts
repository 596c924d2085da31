import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ActionRequiredError } from '../src/base/action-required.ts'
import type { SandboxState } from './sandbox-state.ts'
import type { Simulator } from './simulator.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from './start.ts'
import { ownFolder, stateFile, writePrivate } from './state-file.ts'

/** A sandbox that this program may use as its cloud: one that runs already, or one of its own until `close`. */
export interface SandboxSession {
  dir: string
  /** Only of one's own. */
  simulator: Simulator | undefined
  arm: string
  ca: string
  caFile: string
  tenantId: string
  subscriptionId: string
  operator: { clientId: string; clientSecret: string }
  proxy: string
  /** True if another program serves it. */
  shared: boolean
  /** `linger`: goes on serving until those who joined have ended. */
  close(linger?: boolean): Promise<void>
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

const lives = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const lockOf = (dir: string) => join(dir, 'owner.lock')

/** Takes the folder for this process, or waits until its owner serves it. Throws `Refusal` if the owner does neither serve nor end. */
async function ownOrJoin(dir: string, pid: number): Promise<Marker | 'own'> {
  const until = performance.now() + 15_000
  while (performance.now() < until) {
    const found = await running(dir)
    if (found) return found
    try {
      writeFileSync(lockOf(dir), String(pid), { flag: 'wx', mode: 0o600 })
      return 'own'
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const owner = Number(await readFile(lockOf(dir), 'utf8').catch(() => '0'))
    // Of a process that was killed, or of the one being written this moment.
    if (owner && !lives(owner)) rmSync(lockOf(dir), { force: true })
    await delay(50)
  }
  throw new ActionRequiredError(
    'Another program has begun to serve the sandbox, but does not answer',
    'End it, or wait, and run the same command again',
  )
}

/** Programs that use a sandbox which another one serves, one file for each by its process id. */
const guestsOf = (dir: string) => join(dir, 'guests')

const guests = (dir: string) =>
  (existsSync(guestsOf(dir)) ? readdirSync(guestsOf(dir)) : []).filter((name) => lives(Number(name)))

export async function openSandbox(
  dir: string,
  pid: number,
  options: Omit<SandboxOptions, 'stateDir'>,
): Promise<SandboxSession> {
  ownFolder(dir)
  let shared: Marker | undefined
  const of = (
    state: SandboxState,
    arm: string,
    proxy: string,
    close: (linger?: boolean) => Promise<void>,
    simulator?: Simulator,
  ): SandboxSession => ({
    dir,
    simulator,
    arm,
    proxy,
    ca: readFileSync(join(dir, 'ca.pem'), 'utf8'),
    caFile: join(dir, 'ca.pem'),
    tenantId: state.tenant.id,
    subscriptionId: state.subscription.id,
    operator: state.operator,
    shared: shared !== undefined,
    close,
  })
  const found = await ownOrJoin(dir, pid)
  if (found !== 'own') {
    shared = found
    mkdirSync(guestsOf(dir), { recursive: true, mode: 0o700 })
    const card = join(guestsOf(dir), String(pid))
    writeFileSync(card, '')
    return of(stateFile(dir).load()!, found.arm, found.proxy, async () => rmSync(card, { force: true }))
  }
  const release = () => rmSync(lockOf(dir), { force: true })
  let sandbox: Sandbox
  try {
    sandbox = await startSandbox({ ...options, stateDir: dir })
  } catch (error) {
    release()
    const { code, port } = error as NodeJS.ErrnoException & { port?: number }
    if (code !== 'EADDRINUSE') throw error
    throw new ActionRequiredError(
      `The port ${port} of the sandbox is in use by another program`,
      'End that program, or start afresh on another port: npx wi-setup sandbox reset',
    )
  }
  const { addresses, host } = sandbox.simulator
  const { arm, control } = addresses
  writePrivate(
    markerOf(dir),
    JSON.stringify({ pid, host, arm, control, proxy: sandbox.proxy } satisfies Marker),
  )
  return of(
    sandbox.state,
    arm,
    sandbox.proxy,
    async (linger = false) => {
      // Who joined in the meantime may finish.
      while (linger && guests(dir).length > 0) await delay(50)
      rmSync(markerOf(dir), { force: true })
      await sandbox.close()
      release()
    },
    sandbox.simulator,
  )
}

/** Forgets the world. Refuses while it is being served. */
export async function resetSandbox(dir: string): Promise<'done' | 'running'> {
  if (await running(dir)) return 'running'
  for (const name of ['world.json', 'journal.jsonl', 'running.json']) rmSync(join(dir, name), { force: true })
  return 'done'
}
