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
export const workloadSettings: readonly SettingName[] = ['namespace', 'serviceAccount']
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
