import type { AnyCheck } from '../../engine/check.ts'
import {
  defaultUnused,
  namespaceOfItsOwn,
  noApiToken,
  podsHeldBack,
  sampleGone,
  tokensShortLived,
} from './account.ts'
import {
  noGraphPermissions,
  noKeys,
  noOtherOwners,
  onlyTheVaultsRole,
  trustsOnlyThis,
  vaultOfItsOwn,
} from './identity.ts'
import {
  goesByRoles,
  nobodyLeftBehind,
  notOpenToAll,
  policyNoMore,
  purgeProtected,
  secretExpires,
} from './vault.ts'
import { fewMayTakeIt } from './who-may.ts'

/** `verify --posture`: how tight it is, as against whether it works. Ids of controls are those of the CIS Kubernetes Benchmark. */
export const posture: readonly AnyCheck[] = [
  onlyTheVaultsRole,
  noGraphPermissions,
  noKeys,
  noOtherOwners,
  trustsOnlyThis,
  vaultOfItsOwn,
  policyNoMore,
  fewMayTakeIt,
  noApiToken,
  defaultUnused,
  tokensShortLived,
  podsHeldBack,
  namespaceOfItsOwn,
  sampleGone,
  goesByRoles,
  notOpenToAll,
  purgeProtected,
  nobodyLeftBehind,
  secretExpires,
]
