import type { KnownSettings } from './settings.ts'

/** `vault:kv-shop/secret/db-password=reader`, with or without the role. */
const pattern = /^vault:([^/=]+)\/secret\/([^/=]+)(?:=reader)?$/

/**
 * Replaces the first grant of a vault's secret by the settings `vault` and `secret`, of which it is the long form. They
 * also create the vault and the secret.
 */
export function expandVaultGrant(known: KnownSettings): void {
  const { grants, vault, secret } = known
  if (!grants || vault || secret) return
  const first = grants.value.find((each) => pattern.test(each))
  if (first === undefined) return
  const [, name, secretName] = pattern.exec(first)!
  const rest = grants.value.filter((each) => each !== first)
  Object.assign(known, { vault: { ...grants, value: name }, secret: { ...grants, value: secretName } })
  if (rest.length) known.grants = { ...grants, value: rest }
  else delete known.grants
}
