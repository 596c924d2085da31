import { UsageError } from '../base/usage-error.ts'
import { withDefaults } from '../settings/resolve.ts'
import type { SettingName } from '../settings/settings.ts'
import { valuesOf } from '../settings/settings.ts'
import { flagOf, type SettingSpec } from '../settings/table.ts'
import type { Session } from './session.ts'

/** Settings of an existing set-up that can be found in the subscription. */
export const findableInAzure: readonly SettingName[] = ['resourceGroup', 'cluster', 'vault']

interface Candidate {
  name: string
  group: string
}

/** Prompts for one of these names; undefined if no prompt is possible. */
type ChooseName = ((name: 'cluster' | 'vault', names: readonly string[]) => Promise<string>) | undefined

/**
 * Finds the cluster and the vault that are missing: the only one of the subscription, or the one the user chooses. Throws
 * a `UsageError` that lists the candidates if there are several and no prompt is possible.
 */
export async function findCandidates(
  session: Session,
  missing: readonly SettingSpec[],
  choose: ChooseName,
): Promise<void> {
  const isMissing = (name: SettingName) => missing.some((spec) => spec.name === name)
  const [clusters, vaults] = await Promise.all([
    isMissing('cluster') ? session.clients.aksClusters.list() : [],
    isMissing('vault') ? session.clients.vaults.list() : [],
  ])
  const faults: string[] = []
  for (const [name, group, candidates] of [
    ['cluster', 'clusterResourceGroup', clusters],
    ['vault', 'vaultResourceGroup', vaults],
  ] as const) {
    if (!isMissing(name)) continue
    const found = await pickCandidate(name, preferKnownGroup(session, candidates), choose)
    if (typeof found === 'string') faults.push(found)
    else {
      session.found[name] = found.name
      session.found[group] = found.group
      session.found.resourceGroup ??= found.group
    }
  }
  if (faults.length) throw new UsageError(faults.join('\n'))
}

/** Returns the candidates in the known resource group, or all if it has none. */
function preferKnownGroup({ known, found }: Session, candidates: readonly Candidate[]): readonly Candidate[] {
  const group = valuesOf(withDefaults(known, found)).resourceGroup?.toLowerCase()
  const inGroup = candidates.filter((each) => each.group.toLowerCase() === group)
  return inGroup.length ? inGroup : candidates
}

/** Returns the candidate, or the error about none or several. */
async function pickCandidate(
  name: 'cluster' | 'vault',
  candidates: readonly Candidate[],
  choose: ChooseName,
): Promise<Candidate | string> {
  if (candidates.length === 1) return candidates[0]!
  const kind = name === 'cluster' ? 'AKS cluster' : 'Key Vault'
  if (candidates.length === 0) return `${flagOf(name)} is not set, and the subscription has no ${kind}`
  if (choose) {
    const chosen = await choose(name, [...new Set(candidates.map((each) => each.name))])
    return candidates.find((each) => each.name === chosen)!
  }
  const lines = candidates.map((each) => `  ${flagOf(name)} ${each.name}   (in ${each.group})`)
  return `${flagOf(name)} is not set, and the subscription has ${candidates.length} ${kind}s\n${lines.join('\n')}`
}
