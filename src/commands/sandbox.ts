import { once } from 'node:events'
import type { Command } from 'commander'
import type { SandboxOptions } from '../../sandbox/index.ts'
import { type Host, stateFolder } from '../base/host.ts'
import { UsageError } from '../base/usage-error.ts'
import { openSandbox } from '../session/open-sandbox.ts'
import { addGlobals, type Globals } from '../settings/flags.ts'

interface SandboxFlags extends Globals {
  port?: string
  host?: string
  domain?: string
  kubeconfig?: string
  journal?: boolean
}

/** `wi-setup sandbox start|status|reset`: the simulated Azure for other programs. */
export function addSandbox(program: Command, world: Host, done: (code: number) => void): void {
  const sandbox = program
    .command('sandbox')
    .description('the simulated Azure on this machine, for other programs')
    .helpGroup('Commands:')
  addGlobals(sandbox.command('start').description('serve it until Ctrl-C; prints what other programs need'))
    .option('--port <n>', 'port to listen on (default: the one it had, or a free one)')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--domain <name>', 'serve arm., login., graph. and *.vault. below this domain')
    .option('--kubeconfig <file>', 'a real cluster, for which its AKS clusters then stand')
    .addHelpText(
      'after',
      examples(['sandbox start', 'sandbox start --output json', 'sandbox start --pace 0']),
    )
    .action(async (_: SandboxFlags, command: Command) => done(await start(world, command.optsWithGlobals())))
  addGlobals(sandbox.command('status').description('what is in it, and the requests that it served'))
    .option('--journal', 'every request it served, one JSON line each')
    .addHelpText(
      'after',
      examples(['sandbox status', 'sandbox status --output json', 'sandbox status --journal']),
    )
    .action(async (_: SandboxFlags, command: Command) => done(await status(world, command.optsWithGlobals())))
  addGlobals(sandbox.command('reset').description('forget it all and start afresh next time'))
    .addHelpText('after', examples(['sandbox reset']))
    .action(async () => done(await reset(world)))
}

export const examples = (lines: string[]) =>
  `\nExamples:\n${lines.map((line) => `  npx wi-setup ${line}`).join('\n')}\n`

async function start(world: Host, flags: SandboxFlags): Promise<number> {
  const { environmentJson, environmentShell } = await import('../../sandbox/index.ts')
  const options: Omit<SandboxOptions, 'stateDir'> = {
    pace: Number(flags.pace ?? '0.05'),
    ...(flags.port === undefined ? {} : { port: portOf(flags.port) }),
    ...(flags.host === undefined ? {} : { host: flags.host }),
    ...(flags.domain === undefined ? {} : { domain: flags.domain }),
    ...(flags.kubeconfig === undefined ? {} : { kubeconfig: await usable(flags.kubeconfig) }),
  }
  if (!((options.pace ?? 0) >= 0))
    throw new UsageError(`--pace ${JSON.stringify(flags.pace)} is not a factor from 0 to 10`)
  const session = await openSandbox(stateFolder(world), world.pid, options)
  if (session.shared) throw new UsageError(`a sandbox is running already at ${session.arm}`)
  try {
    world.stdout.write(flags.output === 'json' ? environmentJson(session) : environmentShell(session))
    if (flags.output !== 'json' && !flags.quiet)
      world.stderr.write('\nServing. Ctrl-C ends it; its world stays.\n')
    if (!world.signal.aborted) await once(world.signal, 'abort')
  } finally {
    await session.close()
  }
  return 0
}

/** A kubeconfig by which the sandbox can reach a cluster. */
async function usable(file: string): Promise<string> {
  const { readRealCluster } = await import('../../sandbox/index.ts')
  try {
    readRealCluster(file)
  } catch (error) {
    throw new UsageError(`--kubeconfig ${JSON.stringify(file)} cannot be used: ${(error as Error).message}`)
  }
  return file
}

const portOf = (text: string) => {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new UsageError(`--port ${JSON.stringify(text)} is not a port from 1 to 65535`)
  return port
}

async function status(world: Host, flags: SandboxFlags): Promise<number> {
  const { sandboxStatus, statusText, journalText } = await import('../../sandbox/index.ts')
  const folder = stateFolder(world)
  if (flags.journal) world.stdout.write(journalText(folder))
  else {
    const found = await sandboxStatus(folder)
    world.stdout.write(flags.output === 'json' ? `${JSON.stringify(found)}\n` : statusText(found))
  }
  return 0
}

async function reset(world: Host): Promise<number> {
  const { resetSandbox } = await import('../../sandbox/index.ts')
  if ((await resetSandbox(stateFolder(world))) === 'running')
    throw new UsageError('the sandbox is being served; stop it first')
  world.stderr.write('The sandbox is empty.\n')
  return 0
}
