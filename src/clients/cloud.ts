/** The endpoints of one cloud. No address ends with a slash. Source: the clouds' metadata documents and the Azure CLI's table. */
export interface Cloud {
  name: string
  arm: string
  /** Token scope for ARM. */
  armScope: string
  login: string
  graph: string
  graphScope: string
  /** Host suffix of vaults, without a leading dot; for showing only: the address comes from ARM. */
  vaultSuffix: string
  /** False where the authority is unknown to login.microsoftonline.com. */
  instanceDiscovery: boolean
  /** Name that the webhook's chart takes as `azureEnvironment`. */
  environment: string
}

const known = (
  name: string,
  environment: string,
  arm: string,
  login: string,
  graph: string,
  vaultSuffix: string,
): Cloud => ({
  name,
  arm,
  armScope: `${arm}/.default`,
  login,
  graph,
  graphScope: `${graph}/.default`,
  vaultSuffix,
  instanceDiscovery: true,
  environment,
})

export const clouds = {
  public: known(
    'public',
    'AzurePublicCloud',
    'https://management.azure.com',
    'https://login.microsoftonline.com',
    'https://graph.microsoft.com',
    'vault.azure.net',
  ),
  usgov: known(
    'usgov',
    'AzureUSGovernmentCloud',
    'https://management.usgovcloudapi.net',
    'https://login.microsoftonline.us',
    'https://graph.microsoft.us',
    'vault.usgovcloudapi.net',
  ),
  china: known(
    'china',
    'AzureChinaCloud',
    'https://management.chinacloudapi.cn',
    'https://login.chinacloudapi.cn',
    'https://microsoftgraph.chinacloudapi.cn',
    'vault.azure.cn',
  ),
} as const

interface Metadata {
  name: string
  authentication: { loginEndpoint: string; audiences: string[] }
  resourceManager?: string
  microsoftGraphResourceId: string
  suffixes: { keyVaultDns: string }
}

const bare = (address: string) => address.replace(/\/+$/, '')

/** Reads a cloud from the metadata document of its resource manager (`{arm}/metadata/endpoints?api-version=2022-09-01`). */
export function cloudFromMetadata(arm: string, document: Metadata): Cloud {
  const audience = document.authentication.audiences[0]
  if (!audience || !document.microsoftGraphResourceId)
    throw new Error(`The metadata document of ${arm} names no ${audience ? 'Microsoft Graph' : 'audience'}`)
  return {
    name: document.name,
    arm: bare(arm),
    armScope: `${audience}/.default`,
    login: bare(document.authentication.loginEndpoint),
    graph: bare(document.microsoftGraphResourceId),
    graphScope: `${document.microsoftGraphResourceId}/.default`,
    vaultSuffix: document.suffixes.keyVaultDns.replace(/^\./, ''),
    instanceDiscovery: Object.values(clouds).some(
      (cloud) => cloud.login === bare(document.authentication.loginEndpoint),
    ),
    environment: document.name,
  }
}
