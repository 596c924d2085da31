import type { AnyCheck } from '../engine/check.ts'
import type { Settings } from '../settings/settings.ts'
import { chainChecks } from './index.ts'

/** Returns the checks that `verify` always runs with these settings, in display order. */
export const chainChecksFor = (settings: Settings): readonly AnyCheck[] =>
  chainChecks.filter((check) => !check.excludedWhen?.(settings))
