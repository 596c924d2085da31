/** The token service, as a workload uses it. */
export interface Entra {
  /**
   * Exchanges a service account's token for an access token.
   * Throws `ServiceError` with code `AADSTSn`.
   */
  exchange(of: { tenantId: string; clientId: string; assertion: string; scope: string }): Promise<string>
}
