import type { Secret, SecretVersion } from './state.ts'
import type { Vault } from './vaults.ts'

const seconds = (ms: number) => Math.floor(ms / 1000)

export function attributes(
  vault: Vault,
  version: Pick<SecretVersion, 'enabled' | 'nbf' | 'exp' | 'created' | 'updated'>,
): Record<string, unknown> {
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

const deletion = (vault: Vault, secret: Secret) => ({
  recoveryId: `${vault.address}/deletedsecrets/${secret.name}`,
  deletedDate: seconds(secret.deletedAt ?? 0),
  scheduledPurgeDate: seconds(secret.purgeAt ?? 0),
})

/** Returns a secret as writes and single reads show it. */
export const secretBundle = (
  vault: Vault,
  secret: Secret,
  version: SecretVersion,
  { withValue = false, withDeletion = false } = {},
) => ({
  ...(withDeletion ? deletion(vault, secret) : {}),
  ...(withValue ? { value: version.value } : {}),
  ...(version.contentType === undefined ? {} : { contentType: version.contentType }),
  id: `${vault.address}/secrets/${secret.name}/${version.version}`,
  attributes: attributes(vault, version),
  tags: version.tags,
})

/** Returns a secret as lists show it; the ID contains the version only in a list of versions. */
export const secretItem = (
  vault: Vault,
  secret: Secret,
  version: SecretVersion,
  { withVersion = false, withDeletion = false } = {},
) => ({
  ...(withDeletion ? deletion(vault, secret) : {}),
  ...(version.contentType === undefined ? {} : { contentType: version.contentType }),
  id: `${vault.address}/secrets/${secret.name}${withVersion ? `/${version.version}` : ''}`,
  attributes: attributes(vault, version),
  tags: version.tags,
})
