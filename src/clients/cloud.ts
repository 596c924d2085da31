/** The endpoints of a cloud, without trailing slashes. Source: the clouds' metadata documents and the Azure CLI. */
export interface Cloud {
  name: string
  /** False for a cloud that a metadata document describes. */
  wellKnown: boolean
  arm: string
  /** Token scope for ARM. */
  armScope: string
  login: string
  /** Other addresses of the token service, to which the authentication library may switch. */
  loginAliases: readonly string[]
  graph: string
  graphScope: string
  /** Host name, and port if it is not 443, that the addresses of a custom cloud end with; empty for a well-known one. */
  domain: string
  /** Host suffix of vaults without a leading dot; a vault's URL comes from ARM and must have it. */
  vaultSuffix: string
  /** Host suffix of AKS API servers without a leading dot. */
  clusterSuffix: string
  /** False if login.microsoftonline.com does not know the cloud's authority. */
  instanceDiscovery: boolean
  /** The value of `azureEnvironment` in the webhook's chart. */
  environment: string
}

type Endpoints = Pick<Cloud, 'name' | 'environment' | 'arm' | 'login' | 'graph'> &
  Pick<Cloud, 'loginAliases' | 'vaultSuffix' | 'clusterSuffix'>

const wellKnownCloud = (endpoints: Endpoints): Cloud => ({
  ...endpoints,
  wellKnown: true,
  domain: '',
  armScope: `${endpoints.arm}/.default`,
  graphScope: `${endpoints.graph}/.default`,
  instanceDiscovery: true,
})

/** Aliases: the authentication library's table of known authorities. Cluster suffixes: the FQDN rules of AKS. */
export const clouds = {
  public: wellKnownCloud({
    name: 'public',
    environment: 'AzurePublicCloud',
    arm: 'https://management.azure.com',
    login: 'https://login.microsoftonline.com',
    loginAliases: [
      'https://login.windows.net',
      'https://login.microsoft.com',
      'https://*.login.microsoft.com',
    ],
    graph: 'https://graph.microsoft.com',
    vaultSuffix: 'vault.azure.net',
    clusterSuffix: 'azmk8s.io',
  }),
  usgov: wellKnownCloud({
    name: 'usgov',
    environment: 'AzureUSGovernmentCloud',
    arm: 'https://management.usgovcloudapi.net',
    login: 'https://login.microsoftonline.us',
    loginAliases: ['https://login.usgovcloudapi.net'],
    graph: 'https://graph.microsoft.us',
    vaultSuffix: 'vault.usgovcloudapi.net',
    clusterSuffix: 'cx.aks.containerservice.azure.us',
  }),
  china: wellKnownCloud({
    name: 'china',
    environment: 'AzureChinaCloud',
    arm: 'https://management.chinacloudapi.cn',
    login: 'https://login.chinacloudapi.cn',
    loginAliases: ['https://login.partner.microsoftonline.cn'],
    graph: 'https://microsoftgraph.chinacloudapi.cn',
    vaultSuffix: 'vault.azure.cn',
    clusterSuffix: 'cx.prod.service.azk8s.cn',
  }),
} as const
