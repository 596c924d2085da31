import { accountNamesIdentity, accountSet, accountThere, annotationsOnAccount } from './account.ts'
import { homeServed } from './home.ts'
import { labelOnPods, labelThere, labelTrue } from './label.ts'
import { noVirtualNode, windowsFits } from './nodes.ts'
import { noOtherCredential, noOwnIds } from './own-environment.ts'
import type { Rule } from './rule.ts'
import { noProxy, skippedThere } from './sidecar.ts'
import { podsUpToDate } from './stale.ts'
import { audienceFits, lifetimeAllowed, tokenReadable } from './token-file.ts'
import { noOldTokenPath } from './token-path.ts'

/** What is true of every healthy workload, in the order in which it is said. A new rule is one line here. */
export const rules: readonly Rule[] = [
  labelThere,
  labelOnPods,
  labelTrue,
  accountSet,
  accountThere,
  accountNamesIdentity,
  annotationsOnAccount,
  homeServed,
  lifetimeAllowed,
  noProxy,
  skippedThere,
  noOwnIds,
  noOtherCredential,
  audienceFits,
  noOldTokenPath,
  tokenReadable,
  windowsFits,
  noVirtualNode,
  podsUpToDate,
]
