import { issuerSettingNames } from '../settings/issuer-settings.ts'
import type { SettingName } from '../settings/settings.ts'

// Settings that commands take together.

export const azureSettings: readonly SettingName[] = ['subscription', 'tenant', 'location', 'resourceGroup']
export const clusterSettings: readonly SettingName[] = [
  'cluster',
  'clusterResourceGroup',
  'clusterSubscription',
  'kubeconfig',
  'context',
]
/** A service account, or a job outside a cluster. */
export const workloadSettings: readonly SettingName[] = ['namespace', 'serviceAccount', ...issuerSettingNames]
export const identitySettings: readonly SettingName[] = [
  'identityKind',
  'identity',
  'identityResourceGroup',
  'identitySubscription',
]
export const vaultSettings: readonly SettingName[] = [
  'vault',
  'vaultResourceGroup',
  'vaultSubscription',
  'vaultAccess',
  'secret',
]
