import { equalsIgnoreCase } from '../../clients/azure/resource-id.ts'
import { valuesOf } from '../../settings/settings.ts'
import { settingSpec } from '../../settings/table.ts'
import type { Prompter } from '../../ui/prompts.ts'
import type { Session } from '../session.ts'
import { isGiven, setAnswer } from './answers.ts'
import { listEverywhere, mainSubscription, placeOf, setPartSubscription } from './subscriptions.ts'

/** Returns the managed identities of the caller's subscriptions, those of the main resource group first. */
async function listIdentities(session: Session) {
  const { known } = session
  const isMain = ({ group, subscription }: { group: string; subscription: string }) =>
    equalsIgnoreCase(group, known.resourceGroup?.value ?? '') && subscription === mainSubscription(session)
  const set = isGiven(known, 'identityResourceGroup') ? known.identityResourceGroup?.value : undefined
  const all = await listEverywhere(session, 'identity', ({ identities }) => identities.list())
  return (
    all
      // AKS keeps identities of its own in the groups of nodes, named MC_….
      .filter(({ group }) => (set === undefined ? !/^MC_/i.test(group) : equalsIgnoreCase(group, set)))
      .map((each) => ({ ...each, isMain: isMain(each) }))
      .sort((a, b) => Number(b.isMain) - Number(a.isMain))
  )
}

/** Asks for the kind of a new identity, or for a managed identity that exists. */
export async function askIdentity(session: Session, prompter: Prompter): Promise<void> {
  const { known } = session
  if (isGiven(known, 'identity') || isGiven(known, 'identityKind')) return
  const name = settingSpec('identity').default!({ ...valuesOf(known) }) as string
  const identities = await listIdentities(session)
  const choice = await prompter.select<string>({
    message: 'Identity',
    choices: [
      {
        value: 'app',
        name: `app registration ${name}`,
        description: 'needs permission to register applications in Entra',
      },
      { value: 'managed', name: `managed identity ${name}`, description: 'needs permissions in Azure only' },
      ...identities
        .filter((each) => !each.isMain || each.name !== name)
        .map((each) => ({
          value: each.id,
          name: `managed identity ${each.name}`,
          description: each.isMain ? 'exists' : `exists in ${placeOf(each)}`,
        })),
    ],
    ...(known.identityKind ? { default: known.identityKind.value } : {}),
  })
  const chosen = identities.find(({ id }) => id === choice)
  setAnswer(known, 'identityKind', choice === 'app' ? 'app' : 'managed')
  // That of the file may be anywhere.
  if (!chosen && known.identity?.source === 'file') return
  setAnswer(known, 'identity', chosen?.name ?? name)
  setPartSubscription(session, 'identity', chosen)
  if (isGiven(known, 'identityResourceGroup')) return
  delete known.identityResourceGroup
  if (chosen && !chosen.isMain) setAnswer(known, 'identityResourceGroup', chosen.group)
}
