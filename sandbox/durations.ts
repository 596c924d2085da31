/** How long things take in Azure, in ms at pace 1 (sources: recordings of 2023–2026 and the services' documentation). */
export const durations = {
  clusterCreate: 240_000,
  clusterUpdate: 120_000,
  clusterDelete: 180_000,
  /** Until a new identity binding is ready, or a deleted one is gone. */
  identityBinding: 20_000,
  groupDelete: 30_000,
  vaultCreate: 20_000,
  vaultDns: 10_000,
  vaultPurge: 20_000,
  storageCreate: 17_000,
  /** Until the name of a deleted container, queue or table can be used again. */
  storageDelete: 30_000,
  providerRegister: 40_000,
  /** Until a new store, account, registry or server is ready. */
  accountCreate: 60_000,
  accountDelete: 30_000,
  /** Until a part of an account is ready, such as a database or a role assignment of Cosmos DB. */
  partWrite: 30_000,
  /** Until a new directory object or credential is visible everywhere. */
  directoryLag: 8_000,
  /** Until the token service accepts a new federated credential. */
  credentialLag: 20_000,
  /** How long the token service caches an issuer's keys. */
  issuerKeys: 300_000,
  /** Until the deletion of a secret is complete. */
  secretDelete: 8_000,
  /** Until a new role assignment takes effect. */
  roleLag: 45_000,
  podStart: 15_000,
  /** Until a client gives up connecting to an address that drops its packets. */
  blockedConnection: 30_000,
  /** Added to every request. */
  request: 120,
} as const

export type Duration = keyof typeof durations
