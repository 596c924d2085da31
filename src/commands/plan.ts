import { command } from './command.ts'
import { readSecretValue, secretFlags } from './secret-value.ts'

/** Shows what the complete set-up would change. */
export const plan = command({
  name: 'plan',
  description: 'Show what the complete set-up would change, and exit',
  requiresFile: true,
  flags: secretFlags,
  examples: ['plan --sandbox', 'plan --sandbox --output json'],
  async run(invocation, flags) {
    const { runSetUp } = await import('./run/set-up.ts')
    const secretValue = () => readSecretValue(invocation.host, flags)
    return runSetUp(invocation, { part: 'all', planOnly: true, secretValue })
  },
})
