import { UsageError } from '../base/usage-error.ts'
import { command } from './command.ts'

/** Explains error codes, or the errors in a log. Reads only its input, and sends nothing. */
export const explain = command({
  name: 'explain',
  description: 'Explain an error code, or the errors in a log: what happened, why, and how to fix it',
  settings: [],
  general: ['output', 'color'],
  rejectsOtherOptions: true,
  arguments: ['[code...]', 'codes such as AADSTS700213, ForbiddenByRbac or WI104, or a quoted error message'],
  flags: {
    log: {
      value: 'path',
      description: 'Log to search for known errors (default: standard input, if no code is passed)',
    },
  },
  examples: [
    'explain AADSTS700213',
    'explain ForbiddenByRbac WI104',
    'explain --log pod.log',
    'explain --output json < pod.log',
  ],
  async run({ host, args, options }, { log }) {
    if (args.length && log !== undefined) throw new UsageError("Codes and --log can't be combined")
    const { explainCodes, explainLog, printExplanations } = await import('./run/explain.ts')
    const result = args.length ? explainCodes(args) : await explainLog(log, host)
    printExplanations(result, { host, json: options.output === 'json', color: options.color })
    return result.ok ? 0 : 2
  },
})
