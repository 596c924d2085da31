import { UsageError } from '../base/usage-error.ts'
import { issuers } from '../issuers/index.ts'
import type { Issuer } from '../issuers/issuer.ts'
import { valueRules } from '../settings/rules.ts'
import { type CommandSpec, command } from './command.ts'
import { readSecretValue, secretFlags } from './secret-value.ts'
import {
  azureSettings,
  clusterSettings,
  identitySettings,
  vaultSettings,
  workloadSettings,
} from './setting-groups.ts'

/** The federated credential and the service account of a set-up, or everything that a job outside a cluster needs. */
export const federate = command({
  name: 'federate',
  description: [
    'Annotate the service account, and make the identity trust its tokens.',
    'With --issuer or one of the commands below, let jobs outside a cluster use the identity, and give it access to the vault.',
  ].join('\n'),
  settings: [
    ...azureSettings,
    ...clusterSettings,
    ...identitySettings,
    ...workloadSettings,
    'audience',
    'os',
    'webhook',
    ...vaultSettings,
  ],
  arguments: ['[issuer...]', `${issuers.map(({ name }) => name).join(', ')}; each has its own help`],
  flags: secretFlags,
  examples: [
    'federate --sandbox --yes',
    'federate --namespace shop --service-account checkout',
    'federate --context kind-local --namespace shop --service-account checkout',
    'federate github acme/shop --environment production',
    'federate --issuer https://oidc.example.com --subject ci:acme/shop',
  ],
  async run(invocation, flags) {
    const [unknown] = invocation.args
    if (unknown !== undefined)
      throw new UsageError(
        `${JSON.stringify(unknown)} ${valueRules.issuer(unknown.toLowerCase()) ?? 'takes no options before it'}`,
      )
    const [{ runSetUp }, { knownValues }] = await Promise.all([
      import('./run/set-up.ts'),
      import('../session/known-settings.ts'),
    ])
    if (knownValues(invocation).issuer === undefined) return runSetUp(invocation, { part: 'federate' })
    const secretValue = () => readSecretValue(invocation.host, flags)
    return runSetUp(invocation, { part: 'all', documentName: 'federate', secretValue })
  },
})

/** `federate github OWNER/REPO`: the same, with the issuer's own settings. */
const federateIssuer = ({ name, title, project, settings, examples, note }: Issuer): CommandSpec =>
  command({
    name: `federate ${name}`,
    description: [`Let jobs of ${title} use the identity, without a secret.`, note].join('\n'),
    settings: [...azureSettings, ...settings, ...identitySettings, 'audience', ...vaultSettings],
    arguments: [`<${project}>`, 'The project whose jobs use the identity'],
    flags: secretFlags,
    examples: examples.map((each) => `federate ${name} ${each}`),
    async run(invocation, flags) {
      const [path, unexpected] = invocation.args
      if (unexpected !== undefined)
        throw new UsageError(`Unexpected argument ${JSON.stringify(unexpected)}; the project is ${path}`)
      const { runSetUp } = await import('./run/set-up.ts')
      const settingFlags = { ...invocation.settingFlags, issuer: name, project: path! }
      const secretValue = () => readSecretValue(invocation.host, flags)
      return runSetUp({ ...invocation, settingFlags }, { part: 'all', documentName: 'federate', secretValue })
    },
  })

export const federateIssuers: readonly CommandSpec[] = issuers.map(federateIssuer)
