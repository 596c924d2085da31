import type { AnyCheck } from '../../engine/check.ts'
import { noAppCredentials, noOtherOwners } from './app-registration.ts'
import { clusterPermissionsNarrow } from './cluster-permissions.ts'
import { dedicatedVault, noApiPermissions, onlyVaultRole, singleTrustedSubject } from './identity.ts'
import { dedicatedNamespace, podSecurityEnforced, sampleRemoved } from './namespace.ts'
import { apiTokenDisabled, defaultAccountUnused, tokenLifetimeShort } from './service-account.ts'
import {
  accessPolicyReadOnly,
  officerRoleRemoved,
  purgeProtected,
  secretExpires,
  vaultFirewallOn,
  vaultUsesRbac,
} from './vault.ts'

/** `verify --posture`: least privilege. Control IDs are those of the CIS Kubernetes Benchmark. */
export const postureChecks: readonly AnyCheck[] = [
  onlyVaultRole,
  noApiPermissions,
  noAppCredentials,
  noOtherOwners,
  singleTrustedSubject,
  dedicatedVault,
  accessPolicyReadOnly,
  clusterPermissionsNarrow,
  apiTokenDisabled,
  defaultAccountUnused,
  tokenLifetimeShort,
  podSecurityEnforced,
  dedicatedNamespace,
  sampleRemoved,
  vaultUsesRbac,
  vaultFirewallOn,
  purgeProtected,
  officerRoleRemoved,
  secretExpires,
]
