/** How long things take in Azure, in milliseconds at pace 1 (facts: recordings of 2023–2026 and the services' documentation). */
export const durations = {
  clusterCreate: 240_000,
  clusterUpdate: 120_000,
  clusterDelete: 180_000,
  groupDelete: 30_000,
  vaultCreate: 20_000,
  vaultDns: 10_000,
  vaultPurge: 20_000,
  providerRegister: 40_000,
  /** A new directory object or credential is not seen everywhere before this. */
  directoryLag: 8_000,
  /** A new federated credential works at the token endpoint after this. */
  credentialLag: 20_000,
  /** The token service keeps an issuer's published keys for this time. */
  issuerKeys: 300_000,
  /** A secret is on its way into the deleted state for this time. */
  secretDelete: 8_000,
  /** A new role assignment takes effect after this. */
  roleLag: 45_000,
  podStart: 15_000,
  /** Every request takes this. */
  request: 120,
} as const

export type Duration = keyof typeof durations
