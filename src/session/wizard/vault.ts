import { settingSpec, suggestVault } from '../../settings/table.ts'
import type { Prompter } from '../../ui/prompts.ts'
import type { Session } from '../session.ts'
import { askText, createNew, isGiven, setAnswer } from './answers.ts'
import { listEverywhere, mainSubscription, placeOf, setPartSubscription } from './subscriptions.ts'

/** Asks for an existing vault or the name of a new one. */
export async function askVault(session: Session, prompter: Prompter): Promise<void> {
  const { known } = session
  if (isGiven(known, 'vault')) return
  const vaults = await listEverywhere(session, 'vault', ({ vaults }) => vaults.list())
  const suggestion =
    known.vault?.value ?? suggestVault(mainSubscription(session) ?? '', `${known.namespace?.value}`)
  const choice = vaults.length
    ? await prompter.select<string | typeof createNew>({
        message: 'Vault',
        choices: [
          ...vaults.map((each) => ({
            value: each.name,
            name: each.name,
            description: `${placeOf(each)}, ${each.access === 'rbac' ? 'Azure RBAC' : 'access policies'}`,
          })),
          { value: createNew, name: 'new vault' },
        ],
        ...(known.vault ? { default: known.vault.value } : {}),
      })
    : createNew
  const vault = vaults.find(({ name }) => name === choice)
  delete known.vaultResourceGroup
  setPartSubscription(session, 'vault', vault)
  if (vault) {
    setAnswer(known, 'vault', vault.name)
    setAnswer(known, 'vaultResourceGroup', vault.group)
  } else await askText(prompter, known, 'vault', 'New vault', suggestion)
}

/** Asks for the secret's name, and returns its value if the user typed one. */
export async function askSecret({ known }: Session, prompter: Prompter): Promise<string | undefined> {
  if (!isGiven(known, 'secret'))
    await askText(prompter, known, 'secret', 'Secret', settingSpec('secret').default?.({}) as string)
  const value = await prompter.password({
    message: 'Secret value (hidden; Enter keeps the current value or generates one)',
  })
  return value === '' ? undefined : value
}
