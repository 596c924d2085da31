import type { Host } from '../base/host.ts'
import { missingError, missingSettings, withDefaults } from '../settings/resolve.ts'
import { expandResourceIds } from '../settings/resource-ids.ts'
import type { KnownSettings, SettingName, Settings } from '../settings/settings.ts'
import { valuesOf } from '../settings/settings.ts'
import type { Prompter } from '../ui/prompts.ts'
import { findableInAzure, findCandidates } from './candidates.ts'
import { completeIssuer } from './complete-issuer.ts'
import { findNamedIdentity, findUsedIdentity } from './find-identity.ts'
import type { Session } from './session.ts'

interface SettleOptions {
  uses: (settings: Partial<Settings>) => SettingName[]
  findsExisting?: boolean
  identityMayBeGone?: boolean
}

/** Settings that every session determines. */
const foundBySession: readonly SettingName[] = ['subscription', 'tenant', 'location']

/** Throws the error about settings that only the user can provide, before any request. */
export function requireNamed(
  known: KnownSettings,
  used: readonly SettingName[],
  { findsExisting }: Pick<SettleOptions, 'findsExisting'>,
  host: Pick<Host, 'argv'>,
): void {
  const names = used.filter(
    (name) => !foundBySession.includes(name) && !(findsExisting && findableInAzure.includes(name)),
  )
  const missing = missingSettings(withDefaults(known), names)
  if (missing.length) throw missingError(missing, host.argv)
}

/** Returns all settings: known, found in Azure, entered, or by default. `prompter` is undefined if no prompt is possible. */
export async function settleSettings(
  session: Session,
  prompter: (() => Promise<Prompter>) | undefined,
  { uses, findsExisting, identityMayBeGone }: SettleOptions,
  host: Pick<Host, 'argv'>,
): Promise<KnownSettings> {
  const { known } = session
  // A prompt takes IDs, too.
  const expand = () => {
    expandResourceIds(known)
    session.usePartSubscriptions()
  }
  expand()
  const complete = () => withDefaults(known, session.found)
  const missing = () => missingSettings(complete(), uses(valuesOf(complete())))
  const ask = prompter && (await asker(session, prompter))
  if (findsExisting) {
    const findable = missing().filter(({ name }) => findableInAzure.includes(name))
    if (findable.length) await findCandidates(session, findable, ask?.choice)
  }
  await ask?.settings(missing().filter(({ name }) => name !== 'location'))
  expand()
  const location = missing().filter(({ name }) => name === 'location')
  if (location.length) {
    const group = valuesOf(complete()).resourceGroup
    const existing = group && (await session.clients.groups.get(group))
    if (existing) session.found.location = existing.location
    else await ask?.settings(location)
  }
  if (missing().length) throw missingError(missing(), host.argv)
  if (uses(valuesOf(complete())).includes('subjectForm')) await completeIssuer(session, valuesOf(complete()))
  const settings = valuesOf(complete())
  const used = uses(settings)
  if (known.identity) await findNamedIdentity(session, { mustExist: !findsExisting && !identityMayBeGone })
  else if (used.includes('identity') && used.includes('serviceAccount'))
    await findUsedIdentity(session, settings)
  session.usePartSubscriptions()
  return Object.assign(known, complete())
}

async function asker(session: Session, prompter: () => Promise<Prompter>) {
  const { askChoice, askSettings } = await import('./wizard/index.ts')
  return {
    async settings(specs: Parameters<typeof askSettings>[0]) {
      if (specs.length) await askSettings(specs, session, await prompter())
    },
    choice: async (name: 'cluster' | 'vault', names: readonly string[]) =>
      askChoice(name, names, session, await prompter()),
  }
}
