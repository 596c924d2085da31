import type { Issuer } from './issuer.ts'

/** Any other OIDC issuer, by its URL. */
export const other: Issuer = {
  name: 'other',
  title: 'OIDC issuer',
  project: undefined,
  settings: ['subject', 'matching'],
  examples: ['--issuer https://oidc.example.com --subject ci:acme/shop'],
  note: 'Issuer, subject and audience must match the iss, sub and aud claims of the token byte for byte, including a trailing slash.',
  url: ({ issuer }) => issuer,
  faultOf: ({ project, subject, matching }) =>
    project !== undefined
      ? { fault: '--project does not apply to the URL of an issuer', allowed: '--subject' }
      : subject === undefined && matching === undefined
        ? { fault: '--subject is missing', allowed: 'the exact sub claim of the tokens' }
        : undefined,
  tokens: () => [],
  snippet: ({ clientId, tenantId, audience }) =>
    [
      "# The job's environment; the file holds its token for the audience",
      `#   ${audience}`,
      `AZURE_CLIENT_ID=${clientId}`,
      `AZURE_TENANT_ID=${tenantId}`,
      'AZURE_FEDERATED_TOKEN_FILE=/path/to/token',
    ].join('\n'),
  jobToken: (job) => job.tokenFile(),
}
