/** An issuer's public documents, read without credentials, as Entra reads them. */
export interface IssuerDocuments {
  issuer: string
  jwksUri: string
  /** The keys' IDs, algorithms and types. */
  keys: { kid: string; alg: string | undefined; kty: string }[]
  /** The complete key set, for verifying signatures. */
  jwks: { keys: Record<string, unknown>[] }
}

export interface Issuers {
  /** Throws `ServiceError` (service `network`) if the discovery document or the key set can't be read. */
  documents(issuer: string): Promise<IssuerDocuments>
  /** Returns false only if the server answers that there is no discovery document (404 or 410). Throws like `documents`. */
  isPublished(issuer: string): Promise<boolean>
}
