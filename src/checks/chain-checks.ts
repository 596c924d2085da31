import type { AnyCheck } from '../engine/check.ts'
import type { Settings } from '../settings/settings.ts'
import { usesVault } from '../settings/table.ts'
import { parseGrants } from '../targets/parse-grant.ts'
import { grantChecks } from './grants.ts'
import { chainChecks, jobChecks } from './index.ts'
import { vaultNotDeleted } from './vault.ts'

/** Returns the checks that `verify` always runs with these settings, in display order. */
export const chainChecksFor = (settings: Settings): readonly AnyCheck[] => [
  ...fitting(settings.issuer === undefined ? chainChecks : jobChecks, settings),
  ...parseGrants(settings.grants).flatMap(grantChecks),
]

/** Returns the checks that make sense with these settings: without a vault, none of the vault. */
export const fitting = (checks: readonly AnyCheck[], settings: Settings): readonly AnyCheck[] =>
  checks.filter((check) => !check.excludedWhen?.(settings) && (usesVault(settings) || !isOfVault(check)))

const isOfVault = (check: AnyCheck): boolean =>
  check === vaultNotDeleted || Object.values<AnyCheck>(check.needs).some(isOfVault)
