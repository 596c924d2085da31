import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { openSandbox, type SandboxOptions, type SandboxSession, type Simulator } from '../../sandbox/index.ts'
import type { Host as Terminal } from '../../src/base/host.ts'
import { main } from '../../src/cli.ts'
import type { JsonDocument } from '../../src/ui/json.ts'
import { sharedKeys } from './shared-keys.ts'

export interface Output {
  code: number
  stdout: string
  stderr: string
}

/** A cloud with a cluster, and the program in a folder beside it. */
export interface ClusterEnvironment {
  root: string
  /** The flags that name the cloud. */
  cloud: readonly string[]
  /** The address that the program comes from. */
  address: string
  /** How long what a remedy has started may take: `20s`. */
  settling: string
  /** An image with Node.js that its nodes have; undefined where no pod runs. */
  image?: string
  /** Of all clusters. */
  kubeconfig: string
  run(
    args: readonly string[],
    more?: { cwd?: string; input?: string; env?: Record<string, string> },
  ): Promise<Output>
  close(): Promise<void>
}

/** A sandbox that is served; each run joins it as a process would. */
export interface InProcessEnvironment extends ClusterEnvironment {
  sandbox: { cloud: Simulator; world: Simulator['state']; journal: Simulator['journal'] }
  session: SandboxSession
}

class Text extends Writable {
  text = ''
  isTTY = false
  columns = 80
  override _write(chunk: Buffer, _: string, done: () => void) {
    this.text += chunk
    done()
  }
}

export async function newInProcessEnvironment(
  options: Omit<SandboxOptions, 'stateDir'> = {},
): Promise<InProcessEnvironment> {
  const root = mkdtempSync(join(tmpdir(), 'wi-score-'))
  const state = join(root, 'state')
  const folder = join(state, 'wi-setup', 'sandbox')
  const served = await openSandbox(folder, process.pid, { pace: 0, keys: await sharedKeys(), ...options })
  const cloud = served.simulator!
  const never = new AbortController().signal
  return {
    root,
    cloud: ['--sandbox'],
    address: '127.0.0.1',
    settling: '20s',
    sandbox: { cloud, world: cloud.state, journal: cloud.journal },
    session: served,
    kubeconfig: join(folder, 'kubeconfig'),
    async run(args, { cwd = root, input = '', env = {} } = {}) {
      mkdirSync(cwd, { recursive: true })
      const [stdout, stderr, stdin] = [new Text(), new Text(), new PassThrough()]
      stdin.end(input)
      const terminal = {
        argv: [...args],
        env: { PATH: process.env.PATH, HOME: root, XDG_STATE_HOME: state, ...env },
        cwd,
        home: root,
        stdin,
        stdout,
        stderr,
        interactive: false,
        columns: 80,
        color: false,
        unicode: true,
        signal: never,
        pid: process.pid,
      } as unknown as Terminal
      const code = await main([...args], terminal)
      return { code, stdout: stdout.text, stderr: stderr.text }
    },
    async close() {
      await served.close()
      rmSync(root, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** The one document of a run with `--output json`. */
export function documentOf({ stdout, stderr }: Output): JsonDocument {
  if (!stdout.startsWith('{')) throw new Error(`No document: ${stdout}${stderr}`)
  return JSON.parse(stdout)
}
