/** The endpoints of a cloud, without trailing slashes. Source: the clouds' metadata documents and the Azure CLI. */
export interface Cloud {
  name: string
  arm: string
  /** Token scope for ARM. */
  armScope: string
  login: string
  graph: string
  graphScope: string
  /** Host suffix of vaults without a leading dot, for display only: a vault's URL comes from ARM. */
  vaultSuffix: string
  /** False if login.microsoftonline.com does not know the cloud's authority. */
  instanceDiscovery: boolean
  /** The value of `azureEnvironment` in the webhook's chart. */
  environment: string
}

const nationalCloud = (
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
  public: nationalCloud(
    'public',
    'AzurePublicCloud',
    'https://management.azure.com',
    'https://login.microsoftonline.com',
    'https://graph.microsoft.com',
    'vault.azure.net',
  ),
  usgov: nationalCloud(
    'usgov',
    'AzureUSGovernmentCloud',
    'https://management.usgovcloudapi.net',
    'https://login.microsoftonline.us',
    'https://graph.microsoft.us',
    'vault.usgovcloudapi.net',
  ),
  china: nationalCloud(
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

const withoutTrailingSlash = (address: string) => address.replace(/\/+$/, '')

/** Returns the cloud that a resource manager's metadata document describes (`/metadata/endpoints`, 2022-09-01). */
export function cloudFromMetadata(arm: string, document: Metadata): Cloud {
  const audience = document.authentication.audiences[0]
  if (!audience || !document.microsoftGraphResourceId)
    throw new Error(
      `The metadata document of ${arm} has no ${audience ? 'Microsoft Graph endpoint' : 'audience'}`,
    )
  return {
    name: document.name,
    arm: withoutTrailingSlash(arm),
    armScope: `${audience}/.default`,
    login: withoutTrailingSlash(document.authentication.loginEndpoint),
    graph: withoutTrailingSlash(document.microsoftGraphResourceId),
    graphScope: `${document.microsoftGraphResourceId}/.default`,
    vaultSuffix: document.suffixes.keyVaultDns.replace(/^\./, ''),
    instanceDiscovery: Object.values(clouds).some(
      (cloud) => cloud.login === withoutTrailingSlash(document.authentication.loginEndpoint),
    ),
    environment: document.name,
  }
}
