import { once } from 'node:events'
import { ActionRequiredError } from '../base/action-required.ts'
import { type Host, sandboxFolder } from '../base/host.ts'
import { jsonText } from '../base/json-text.ts'
import { UsageError } from '../base/usage-error.ts'
import { command } from './command.ts'

const journalFlag = {
  journal: { description: 'Print every request that was served, as JSON lines (default: a summary)' },
} as const

/** Serves the simulator for other programs. */
export const sandboxStart = command({
  name: 'sandbox start',
  description: 'Serve the Azure simulator until Ctrl-C, and print what other programs need to use it',
  settings: [],
  general: ['file', 'pace', 'output', 'dryRun', 'quiet', 'color'],
  flags: {
    port: { value: 'n', description: 'Port to listen on (default: the last one, or a free one)' },
    host: { value: 'address', description: 'Address to listen on (default: 127.0.0.1)' },
    domain: {
      value: 'name',
      description: 'Serve arm., login., graph. and *.vault. below this domain (default: localhost)',
    },
    registered: {
      description:
        'Register the resource providers that a set-up needs (default: none is registered, as in a new subscription)',
    },
    subscriptions: {
      value: 'n',
      description: 'Number of subscriptions in the tenant, 1 to 20 (default: those that it has, at first 1)',
    },
    kubeconfig: {
      value: 'path',
      description: 'Kubeconfig of a real cluster to use for every AKS cluster (default: simulated clusters)',
    },
  },
  examples: [
    'sandbox start',
    'sandbox start --output json',
    'sandbox start --pace 0 --registered',
    'sandbox start --subscriptions 3',
  ],
  async run({ host, options }, flags) {
    const sandboxOptions = {
      pace: options.pace,
      ...(flags.port === undefined ? {} : { port: portOf(flags.port) }),
      ...(flags.host === undefined ? {} : { host: flags.host }),
      ...(flags.subscriptions === undefined ? {} : { subscriptions: countOf(flags.subscriptions) }),
      ...(flags.domain === undefined ? {} : { domain: flags.domain }),
      ...(flags.registered ? { registered: true } : {}),
      ...(flags.kubeconfig === undefined ? {} : { kubeconfig: await usableKubeconfig(flags.kubeconfig) }),
    }
    if (options.dryRun) {
      host.stderr.write('Dry run: the sandbox was not started.\n')
      return 0
    }
    const json = options.output === 'json'
    await serve(host, sandboxOptions, { json, hint: !json && !options.quiet })
    return 0
  },
})

/** Shows the contents of the simulator. */
export const sandboxStatus = command({
  name: 'sandbox status',
  description: 'Show the contents of the Azure simulator, and how many requests it served',
  settings: [],
  general: ['file', 'output', 'color'],
  flags: journalFlag,
  examples: ['sandbox status', 'sandbox status --output json', 'sandbox status --journal'],
  async run({ host, options }, { journal }) {
    const [{ readSandboxStatus }, { journalText, statusText }] = await Promise.all([
      import('../session/open-sandbox.ts'),
      import('../../sandbox/index.ts'),
    ])
    const folder = sandboxFolder(host)
    if (journal) host.stdout.write(journalText(folder))
    else {
      const status = await readSandboxStatus(folder)
      host.stdout.write(options.output === 'json' ? `${jsonText(status)}\n` : statusText(status))
    }
    return 0
  },
})

/** Empties the simulator. */
export const sandboxReset = command({
  name: 'sandbox reset',
  description: 'Delete everything in the Azure simulator',
  settings: [],
  general: ['output', 'dryRun', 'quiet', 'color'],
  examples: ['sandbox reset', 'sandbox reset --dry-run'],
  async run({ host, options }) {
    const [{ readSandboxStatus, resetSandbox }, { statusText }] = await Promise.all([
      import('../session/open-sandbox.ts'),
      import('../../sandbox/index.ts'),
    ])
    const folder = sandboxFolder(host)
    // A damaged sandbox is deleted, too; what it contained is not known.
    const status = await readSandboxStatus(folder).catch((error: unknown) => {
      if (error instanceof ActionRequiredError) return error
      throw error
    })
    const contents = status instanceof ActionRequiredError ? null : status
    const running = contents?.running || (!options.dryRun && (await resetSandbox(folder)) === 'running')
    if (running) throw new UsageError('The sandbox is running; stop it first')
    if (options.output === 'json')
      host.stdout.write(`${jsonText({ reset: !options.dryRun, deleted: contents })}\n`)
    else if (options.dryRun)
      host.stderr.write(
        `Dry run: these would be deleted.\n${contents ? statusText(contents) : `  ${(status as Error).message}\n`}`,
      )
    else if (!options.quiet) host.stderr.write('The sandbox is empty.\n')
    return 0
  },
})

async function serve(
  host: Host,
  options: {
    pace: number
    port?: number
    subscriptions?: number
    host?: string
    domain?: string
    registered?: boolean
    kubeconfig?: string
  },
  { json, hint }: { json: boolean; hint: boolean },
): Promise<void> {
  const [{ openSandbox }, { environmentJson, environmentShell }] = await Promise.all([
    import('../session/open-sandbox.ts'),
    import('../../sandbox/index.ts'),
  ])
  const sandbox = await openSandbox(sandboxFolder(host), options)
  if (sandbox.shared) {
    await sandbox.close()
    throw new UsageError(`A sandbox is already running at ${sandbox.arm}`)
  }
  try {
    host.stdout.write(json ? environmentJson(sandbox) : environmentShell(sandbox))
    if (hint) host.stderr.write('\nServing. Ctrl-C stops it; its contents are saved.\n')
    if (!host.signal.aborted) await once(host.signal, 'abort')
  } finally {
    await sandbox.close()
  }
}

/** Returns the kubeconfig's path. Throws a `UsageError` if the sandbox can't use it. */
async function usableKubeconfig(path: string): Promise<string> {
  const { readRealCluster } = await import('../../sandbox/index.ts')
  try {
    readRealCluster(path)
  } catch (error) {
    throw new UsageError(`--kubeconfig ${JSON.stringify(path)} can't be used: ${(error as Error).message}`)
  }
  return path
}

function countOf(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1 || count > 20)
    throw new UsageError(`--subscriptions ${JSON.stringify(text)} is not a number from 1 to 20`)
  return count
}

function portOf(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new UsageError(`--port ${JSON.stringify(text)} is not a port from 1 to 65535`)
  return port
}
