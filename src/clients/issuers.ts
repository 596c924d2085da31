/** A cluster's public documents, read as the token service reads them: with no credential. */
export interface IssuerDocuments {
  issuer: string
  jwksUri: string
  /** Key ids with their algorithm. */
  keys: { kid: string; alg: string | undefined; kty: string }[]
  /** The whole key set, for checking a signature. */
  jwks: { keys: Record<string, unknown>[] }
}

export interface Issuers {
  /** Throws `ServiceError` (service network) saying which of the two documents failed, and how. */
  documents(issuer: string): Promise<IssuerDocuments>
}
