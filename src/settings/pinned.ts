// What is deployed if nothing else is set. Update each value together with the next.

/** The chart of the Azure Workload Identity project. */
export const webhookChart = 'https://azure.github.io/azure-workload-identity/charts/workload-identity-webhook'
export const webhookChartVersion = '1.6.0'
/** SHA-256 of the archive, as in the repository's index. */
export const webhookChartDigest = 'f9ae2925376689b88a72797aad1d531a95399fdc635ff760b59ee6f48ee2dc88'

/** Node.js 24.19.0 for amd64, arm64 and s390x. */
export const nodeImage =
  'node:24-alpine@sha256:d32cdf619f63fe0471182d08996dd516c6275bb5fd31ae06e55a570bd9e1ad43'
