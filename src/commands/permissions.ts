import { stripControlCharacters } from '../base/control-characters.ts'
import { jsonText } from '../base/json-text.ts'
import { UsageError } from '../base/usage-error.ts'
import { command } from './command.ts'

/** Prints the permissions that a caller needs. Sends nothing. */
export const permissions = command({
  name: 'permissions',
  description: 'Print the permissions that set-up, verify and destroy need, in Azure and as Kubernetes roles',
  general: ['file', 'sandbox', 'output', 'color'],
  flags: {
    user: {
      value: 'name',
      description:
        'Also bind the roles to this user, by the name that the API server uses (default: roles only)',
    },
    withoutInjection: {
      description:
        "Omit the right to create pods from the roles for verify, which then evaluates the webhook's configuration instead of a dry run (default: include it)",
    },
  },
  examples: [
    'permissions --namespace shop --service-account checkout',
    'permissions --namespace shop --service-account checkout --without-injection',
    'permissions --context kind-local --namespace shop | kubectl apply --filename -',
  ],
  async run(invocation, { user, withoutInjection }) {
    if (user !== undefined && user !== stripControlCharacters(user).replaceAll('\n', ''))
      throw new UsageError(`--user ${jsonText(user)} contains a control character`)
    const [{ permissionsText, permissionsJson }, { readKnownSettings }] = await Promise.all([
      import('./run/permissions.ts'),
      import('../session/known-settings.ts'),
    ])
    const known = readKnownSettings(invocation)
    const print = invocation.options.output === 'json' ? permissionsJson : permissionsText
    invocation.host.stdout.write(
      print(known, { user, evidence: withoutInjection ? 'configuration' : 'dry run' }),
    )
    return 0
  },
})
