import type { SettingName } from '../../settings/settings.ts'
import { valuesOf } from '../../settings/settings.ts'
import { type SettingSpec, settingSpec } from '../../settings/table.ts'
import type { Prompter } from '../../ui/prompts.ts'
import type { Session } from '../session.ts'
import { askText, isGiven, setAnswer } from './answers.ts'
import { askCluster } from './cluster.ts'
import { askIdentity } from './identity.ts'
import { askSubscription } from './subscriptions.ts'
import { askSecret, askVault } from './vault.ts'

/**
 * Asks for everything that a complete set-up needs, and offers what exists. Returns the secret's value if the user typed
 * one. `fileName` names the settings file in the question whether to continue with it.
 */
export async function runWizard(
  session: Session,
  prompter: Prompter,
  { say, fileName }: { say: (text: string) => void; fileName: string },
): Promise<string | undefined> {
  if (await continuesWithFile(session, prompter, fileName)) return undefined
  const caller = await session.clients.azureAccount.caller()
  say(`  Signed in      ${caller.name}\n  Tenant         ${caller.tenantId}\n\n`)
  await askCluster(session, prompter)
  await askWorkload(session, prompter)
  await askIdentity(session, prompter)
  await askVault(session, prompter)
  const secretValue = await askSecret(session, prompter)
  say('\n')
  return secretValue
}

/** Asks whether to continue with a file that holds everything; false if it doesn't. */
async function continuesWithFile({ known }: Session, prompter: Prompter, fileName: string): Promise<boolean> {
  const isSaved = Object.values(known).some((entry) => entry?.source === 'file')
  const has = (...names: SettingName[]) => names.every((name) => known[name] !== undefined)
  const isComplete =
    has('resourceGroup', 'vault', 'namespace', 'serviceAccount') && (has('cluster') || has('context'))
  if (!isSaved || !isComplete) return false
  const { namespace, serviceAccount, cluster, context, vault } = valuesOf(known)
  return prompter.confirm({
    message: `Continue with ${fileName} (${namespace}/${serviceAccount} on ${cluster ?? context}, vault ${vault})?`,
    default: true,
  })
}

async function askWorkload({ known }: Session, prompter: Prompter): Promise<void> {
  for (const [name, message] of [
    ['namespace', 'Namespace'],
    ['serviceAccount', 'Service account'],
  ] as const)
    if (!isGiven(known, name))
      await askText(prompter, known, name, message, settingSpec(name).default?.({}) as string)
}

/** Asks for these settings only. */
export async function askSettings(
  specs: readonly SettingSpec[],
  session: Session,
  prompter: Prompter,
): Promise<void> {
  for (const { name, choices, description } of specs)
    if (name === 'subscription') await askSubscription(session, prompter)
    else if (choices) await askChoice(name, choices, session, prompter)
    else await askText(prompter, session.known, name, description, session.found[name] as string | undefined)
}

/** Asks for one of these values, records and returns it. */
export async function askChoice(
  name: SettingName,
  choices: readonly string[],
  { known }: Session,
  prompter: Prompter,
): Promise<string> {
  const value = await prompter.select({
    message: settingSpec(name).description,
    choices: choices.map((value) => ({ value, name: value })),
  })
  setAnswer(known, name, value as never)
  return value
}
