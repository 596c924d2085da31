import { UsageError } from '../base/usage-error.ts'
import { command } from './command.ts'

/** Trusts settings files, lists those that are trusted, or revokes trust. Sends nothing. */
export const trust = command({
  name: 'trust',
  description: "Trust what a folder's settings file contacts, executes or deploys; list or revoke trust",
  settings: [],
  general: ['output', 'dryRun'],
  arguments: ['[folder]', 'folder with a wi-setup.yaml, or a settings file (default: the current folder)'],
  flags: {
    list: { description: 'List the trusted settings files' },
    revoke: { description: 'Stop trusting the settings file' },
  },
  examples: ['trust --dry-run', 'trust', 'trust --list', 'trust --revoke'],
  async run(invocation, { list, revoke }) {
    const { args } = invocation
    if (args.length > 1) throw new UsageError('Pass one folder')
    if (list && (revoke || args.length))
      throw new UsageError("--list can't be combined with --revoke or a folder")
    const { listTrusted, revokeTrust, trustFile } = await import('./run/trust.ts')
    if (list) return listTrusted(invocation)
    return revoke ? revokeTrust(invocation, args[0]) : trustFile(invocation, args[0])
  },
})
