/** The CI job that this program runs in. */
export interface Job {
  /** Returns the value of an environment variable that holds a token. */
  variable(name: string): string | undefined
  /** Returns the content of AZURE_FEDERATED_TOKEN_FILE. */
  tokenFile(): Promise<string | undefined>
  /** Returns a token of this GitHub Actions job; undefined outside one. Throws if the job may not request one. */
  githubToken(audience: string): Promise<string | undefined>
  /** Returns a token of this Azure Pipelines job for a service connection; undefined outside one. */
  azureDevOpsToken(connectionId: string | undefined): Promise<string | undefined>
}
