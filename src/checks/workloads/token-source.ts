import { mountsOwnToken, namesTokenFile, ownTokensOf } from './own-token.ts'
import type { LintContext } from './rule.ts'
import { classNamesOf, mountsWithPodToken } from './secrets-store.ts'
import type { Workload } from './workload.ts'

/** Reports whether a workload signs in without the webhook: by its own token, or by the Secrets Store CSI driver. */
export const usesOtherToken = (workload: Workload, context: LintContext): boolean =>
  mountsOwnToken(workload, context.audience) ||
  namesTokenFile(workload) ||
  mountsWithPodToken(workload, context)

/** Reports the same before the objects around the workload are known. */
export const mayUseOtherToken = (workload: Workload): boolean =>
  ownTokensOf(workload).length > 0 || namesTokenFile(workload) || classNamesOf(workload).length > 0
