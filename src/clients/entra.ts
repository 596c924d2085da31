/** Entra's token endpoint. */
export interface Entra {
  /**
   * Exchanges a service account's token for an access token. Throws `ServiceError` with an `AADSTS…` code if Entra
   * rejects it.
   */
  exchange(request: { tenantId: string; clientId: string; assertion: string; scope: string }): Promise<string>
}
