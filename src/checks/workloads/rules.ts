import { noCompetingCredential, webhookVariablesUnset } from './environment.ts'
import { labelInTemplate, labelPresent, labelTrue } from './label.ts'
import { namespaceNotExcluded } from './namespace.ts'
import { noVirtualNode, windowsCompatible } from './nodes.ts'
import { ownTokenComplete } from './own-token.ts'
import type { WorkloadRule } from './rule.ts'
import { podsUpToDate } from './running-pods.ts'
import {
  accountExists,
  accountHasIdentity,
  annotationsOnAccount,
  identityAccountUsed,
} from './service-account.ts'
import { noProxySidecar, skippedContainersExist } from './sidecar.ts'
import { ownTokenAudience, podTokenLifetime, tokenReadable } from './token-file.ts'
import { noOldTokenPath } from './token-path.ts'

/** All workload rules in display order. To add a rule, add one line here. */
export const workloadRules: readonly WorkloadRule[] = [
  labelPresent,
  labelInTemplate,
  labelTrue,
  identityAccountUsed,
  accountExists,
  accountHasIdentity,
  annotationsOnAccount,
  namespaceNotExcluded,
  podTokenLifetime,
  noProxySidecar,
  skippedContainersExist,
  webhookVariablesUnset,
  noCompetingCredential,
  ownTokenAudience,
  ownTokenComplete,
  noOldTokenPath,
  tokenReadable,
  windowsCompatible,
  noVirtualNode,
  podsUpToDate,
]
