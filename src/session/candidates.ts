import { UsageError } from '../base/usage-error.ts'
import { withDefaults } from '../settings/resolve.ts'
import type { SettingName } from '../settings/settings.ts'
import { valuesOf } from '../settings/settings.ts'
import { flagOf, type SettingSpec, settingSpec } from '../settings/table.ts'
import type { Screen } from './screen.ts'
import type { Session } from './session.ts'

/** What of Azure a set-up that is there can be found by. */
export const lookedUp: readonly SettingName[] = ['resourceGroup', 'cluster', 'vault']

interface Thing {
  name: string
  group: string
}

/**
 * Settings that nobody gave, where the subscription has a single candidate; of several a person chooses, and else they
 * are listed. Throws `UsageError`.
 */
export async function takeCandidates(
  session: Session,
  open: readonly SettingSpec[],
  of: { ask: boolean; show: Screen },
): Promise<void> {
  const wants = (name: SettingName) => open.some((option) => option.name === name)
  const [clusters, vaults] = await Promise.all([
    wants('cluster') ? session.clients.aksClusters.list() : [],
    wants('vault') ? session.clients.vaults.list() : [],
  ])
  const faults: string[] = []
  for (const [name, group, all] of [
    ['cluster', 'clusterResourceGroup', clusters],
    ['vault', 'vaultResourceGroup', vaults],
  ] as const) {
    if (!wants(name)) continue
    const found = await oneOf(name, within(session, all), of, session)
    if (typeof found === 'string') faults.push(found)
    else {
      session.found[name] = found.name
      session.found[group] = found.group
      session.found.resourceGroup ??= found.group
    }
  }
  if (faults.length) throw new UsageError(faults.join('\n'))
}

/** Those of the group, where one is known and has any. */
function within(session: Session, all: readonly Thing[]): readonly Thing[] {
  const group = valuesOf(withDefaults(session.given.known, session.found)).resourceGroup?.toLowerCase()
  const inside = all.filter((each) => each.group.toLowerCase() === group)
  return inside.length ? inside : all
}

async function oneOf(
  name: 'cluster' | 'vault',
  all: readonly Thing[],
  { ask, show }: { ask: boolean; show: Screen },
  session: Session,
): Promise<Thing | string> {
  if (all.length === 1) return all[0]!
  const what = name === 'cluster' ? 'AKS cluster' : 'Key Vault'
  if (all.length === 0) return `${flagOf(name)} is not given, and the subscription has no ${what}`
  if (ask) {
    const choices = [...new Set(all.map((each) => each.name))]
    await show.askFor([{ ...settingSpec(name), choices }], session)
    const chosen = session.given.known[name]?.value
    return all.find((each) => each.name === chosen)!
  }
  const lines = all.map((each) => `  ${flagOf(name)} ${each.name}   (in ${each.group})`)
  return `${flagOf(name)} is not given, and there are ${all.length}\n${lines.join('\n')}`
}
