import { valuesOf } from '../../settings/settings.ts'
import { settingSpec } from '../../settings/table.ts'
import type { Prompter } from '../../ui/prompts.ts'
import type { Session } from '../session.ts'
import { isGiven, listOrEmpty, setAnswer } from './answers.ts'

/** Asks for the kind of a new identity, or for a managed identity that exists in the resource group. */
export async function askIdentity({ known, clients }: Session, prompter: Prompter): Promise<void> {
  if (isGiven(known, 'identity') || isGiven(known, 'identityKind')) return
  const name = settingSpec('identity').default!({ ...valuesOf(known) }) as string
  const identities = await listOrEmpty(clients.identities.list())
  const inGroup = identities.filter(({ id }) =>
    id.toLowerCase().includes(`/resourcegroups/${known.resourceGroup?.value.toLowerCase()}/`),
  )
  const choice = await prompter.select<string>({
    message: 'Identity',
    choices: [
      {
        value: 'app',
        name: `app registration ${name}`,
        description: 'needs permission to register applications in Entra',
      },
      { value: 'managed', name: `managed identity ${name}`, description: 'needs permissions in Azure only' },
      ...inGroup
        .filter((each) => each.name !== name)
        .map((each) => ({
          value: `managed:${each.name}`,
          name: `managed identity ${each.name}`,
          description: 'exists',
        })),
    ],
    ...(known.identityKind ? { default: known.identityKind.value } : {}),
  })
  setAnswer(known, 'identityKind', choice === 'app' ? 'app' : 'managed')
  if (choice.startsWith('managed:')) setAnswer(known, 'identity', choice.slice('managed:'.length))
  else if (known.identity?.source !== 'file') setAnswer(known, 'identity', name)
}
