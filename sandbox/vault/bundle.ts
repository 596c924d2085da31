import type { Secret, SecretVersion } from './state.ts'
import type { Vault } from './vaults.ts'

const seconds = (ms: number) => Math.floor(ms / 1000)

function attributes(vault: Vault, version: SecretVersion): Record<string, unknown> {
  const custom = vault.retentionDays === 90 ? '' : 'Customized'
  return {
    enabled: version.enabled,
    ...(version.nbf === undefined ? {} : { nbf: version.nbf }),
    ...(version.exp === undefined ? {} : { exp: version.exp }),
    created: version.created,
    updated: version.updated,
    recoveryLevel: `${custom}Recoverable${vault.purgeProtected ? '' : '+Purgeable'}`,
    recoverableDays: vault.retentionDays,
  }
}

/** A secret as writes and single reads answer it; `value` only where it is read or set. */
export const bundle = (vault: Vault, secret: Secret, version: SecretVersion, withValue = false) => ({
  ...(withValue ? { value: version.value } : {}),
  ...(version.contentType === undefined ? {} : { contentType: version.contentType }),
  id: `${vault.address}/secrets/${secret.name}/${version.version}`,
  attributes: attributes(vault, version),
  tags: version.tags,
})

/** A secret as lists answer it: lists of secrets name no version. */
export const item = (vault: Vault, secret: Secret, version: SecretVersion, ofVersions = false) => ({
  ...(version.contentType === undefined ? {} : { contentType: version.contentType }),
  id: `${vault.address}/secrets/${secret.name}${ofVersions ? `/${version.version}` : ''}`,
  attributes: attributes(vault, version),
  tags: version.tags,
})

/** What a deleted secret carries besides. */
export const deletion = (vault: Vault, secret: Secret) => ({
  recoveryId: `${vault.address}/deletedsecrets/${secret.name}`,
  deletedDate: seconds(secret.deletedAt ?? 0),
  scheduledPurgeDate: seconds(secret.purgeAt ?? 0),
})
