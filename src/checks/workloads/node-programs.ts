interface NodeProgram {
  pattern: RegExp
  what: string
  /** What signs in as the pod. */
  instead: string
}

/** The rest of a command, on this line and those that continue it. */
const rest = String.raw`(?:[^\n;|&]|[\\\x60]\n){0,400}?`

const metadataUrl = /\b169\.254\.169\.254(?::80)?\/metadata\/identity\b/
const withoutMetadata =
  'an Azure SDK, or a request to $AZURE_AUTHORITY_HOST with the token in $AZURE_FEDERATED_TOKEN_FILE'

const programs: readonly NodeProgram[] = [
  {
    pattern: new RegExp(
      String.raw`\baz\s{1,20}(?:--\w{1,20}\s{1,20}){0,3}login\b${rest}\s(?:--identity|-i)\b`,
    ),
    what: 'the flag --identity of az login',
    instead:
      'its flags --service-principal --username "$AZURE_CLIENT_ID" --tenant "$AZURE_TENANT_ID" --federated-token "$(cat "$AZURE_FEDERATED_TOKEN_FILE")"',
  },
  {
    // With the variables of workload identity, it sends a request that Entra rejects (azure-powershell#22213).
    pattern: new RegExp(String.raw`\b(?:Connect|Login|Add)-AzAccount\b${rest}\s-Identity\b`, 'i'),
    what: 'the parameter -Identity of Connect-AzAccount',
    instead:
      'its parameters -ServicePrincipal -ApplicationId $env:AZURE_CLIENT_ID -Tenant $env:AZURE_TENANT_ID -FederatedToken (Get-Content $env:AZURE_FEDERATED_TOKEN_FILE -Raw)',
  },
  {
    pattern: new RegExp(String.raw`\bazcopy\s{1,20}login\b${rest}\s--identity\b`),
    what: 'the flag --identity of azcopy login',
    instead: 'AZCOPY_AUTO_LOGIN_TYPE=WORKLOAD',
  },
  {
    pattern: new RegExp(String.raw`\bazcopy\s{1,20}login\b${rest}\s--login-type[=\s]["']?msi\b`, 'i'),
    what: 'the login type MSI of azcopy',
    instead: 'AZCOPY_AUTO_LOGIN_TYPE=WORKLOAD',
  },
  {
    pattern: new RegExp(
      String.raw`\bkubelogin\s{1,20}(?:convert-kubeconfig|get-token)\b${rest}\s(?:-l|--login)[=\s]["']?msi\b`,
    ),
    what: 'the login method msi of kubelogin',
    instead: '--login workloadidentity',
  },
  {
    pattern: /-backend-config[=\s]["']?use_msi\s{0,9}=\s{0,9}["']?true\b/,
    what: 'use_msi of the Terraform backend',
    instead: 'use_aks_workload_identity=true',
  },
  { pattern: metadataUrl, what: 'the metadata service of the node', instead: withoutMetadata },
]

/** Returns the program in the text of a command that asks the node for its identity. */
export const findNodeProgram = (text: string): NodeProgram | undefined =>
  programs.find(({ pattern }) => pattern.test(text))

type Variable = readonly [name: string, value: string]

const variables: Readonly<Record<string, readonly [value: RegExp, variable: Variable]>> = {
  ARM_USE_MSI: [/^(true|1)$/i, ['ARM_USE_AKS_WORKLOAD_IDENTITY', 'true']],
  AAD_LOGIN_METHOD: [/^msi$/i, ['AAD_LOGIN_METHOD', 'workloadidentity']],
  AZCOPY_AUTO_LOGIN_TYPE: [/^msi$/i, ['AZCOPY_AUTO_LOGIN_TYPE', 'WORKLOAD']],
  GF_AZURE_MANAGED_IDENTITY_ENABLED: [/^(true|1)$/i, ['GF_AZURE_WORKLOAD_IDENTITY_ENABLED', 'true']],
}

/** Returns what to set instead of a variable that makes its program ask the node; undefined for others. */
export function nodeVariable(
  name: string,
  value: string,
): { variable: Variable } | { instead: string } | undefined {
  const [pattern, variable] = Object.hasOwn(variables, name) ? variables[name]! : []
  if (pattern && variable && pattern.test(value)) return { variable }
  return metadataUrl.test(value) ? { instead: withoutMetadata } : undefined
}
