import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { openSandbox, type SandboxOptions, type SandboxSession, type Simulator } from '../../sandbox/index.ts'
import type { Host } from '../../src/base/host.ts'
import { main } from '../../src/cli.ts'
import { sandboxProcesses } from '../../src/session/open-sandbox.ts'
import type { ClusterEnvironment } from './environment.ts'
import { toOutput } from './process.ts'
import { sharedKeys } from './shared-keys.ts'

/** An environment in which the program runs inside the test's process, as does the sandbox that it joins. */
export interface InProcessEnvironment extends ClusterEnvironment {
  sandbox: { simulator: Simulator; state: Simulator['state']; journal: Simulator['journal'] }
  session: SandboxSession
}

class TextStream extends Writable {
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
  const root = mkdtempSync(join(tmpdir(), 'wi-in-process-'))
  const stateHome = join(root, 'state')
  const folder = join(stateHome, 'wi-setup', 'sandbox')
  const session = await openSandbox(folder, sandboxProcesses(), {
    pace: 0,
    keys: await sharedKeys(),
    ...options,
  })
  const simulator = session.simulator!
  const signal = new AbortController().signal
  return {
    root,
    cwd: root,
    cloud: ['--sandbox'],
    address: '127.0.0.1',
    settleTimeout: '20s',
    sandbox: { simulator, state: simulator.state, journal: simulator.journal },
    session,
    kubeconfig: join(folder, 'kubeconfig'),
    async run(args, { cwd = root, input = '', env = {} } = {}) {
      mkdirSync(cwd, { recursive: true })
      const [stdout, stderr, stdin] = [new TextStream(), new TextStream(), new PassThrough()]
      stdin.end(input)
      const host = {
        argv: [...args],
        program: ['npx', 'wi-setup'],
        shell: 'posix',
        env: { PATH: process.env.PATH, HOME: root, XDG_STATE_HOME: stateHome, ...env },
        cwd,
        home: root,
        stdin,
        stdout,
        stderr,
        interactive: false,
        columns: 80,
        color: false,
        unicode: true,
        signal,
        pid: process.pid,
      } as unknown as Host
      return toOutput(await main([...args], host), stdout.text, stderr.text)
    },
    async close() {
      await session.close()
      rmSync(root, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
