import type { Cloud } from './cloud.ts'

/** A service whose data workloads access with Microsoft Entra tokens. Source: the Azure SDKs and the Azure CLI. */
interface DataService {
  /** As in "Azure Storage". */
  title: string
  /** The resource that its tokens are for; their scope is this and `/.default`. */
  audience: (cloud: Cloud) => string
  /** The origins to which its tokens may be sent; `*` stands for one label of the host name, `**` for several. */
  origins: (cloud: Cloud) => string[]
}

type CloudName = 'public' | 'usgov' | 'china'

/** Returns the origins with these host suffixes. In a custom cloud, all hosts of its domain may be the service's. */
const hosts =
  (labels: readonly string[], suffixes: Record<CloudName, string>, wildcard = '*') =>
  ({ wellKnown, domain, name }: Cloud): string[] =>
    wellKnown
      ? labels.map((label) => `https://${wildcard}.${label}${suffixes[name as CloudName]}`)
      : [`https://**.${domain}`]

/** Returns the resource of the cloud; in a custom cloud that of the public one. */
const resources = (names: Record<CloudName, string>) => (cloud: Cloud) =>
  names[cloud.wellKnown ? (cloud.name as CloudName) : 'public']

const namespaceSuffixes = {
  public: 'windows.net',
  usgov: 'usgovcloudapi.net',
  china: 'chinacloudapi.cn',
}

const services = <const Services extends Record<string, DataService>>(all: Services) => all

/** The services of all targets. */
export const dataServices = services({
  arm: {
    title: 'Azure Resource Manager',
    audience: (cloud) => cloud.armScope.replace(/\/\.default$/, ''),
    origins: (cloud) => [cloud.arm],
  },
  vault: {
    title: 'Key Vault',
    audience: (cloud) => `https://${cloud.vaultSuffix}`,
    origins: (cloud) => [`https://*.${cloud.vaultSuffix}`],
  },
  storage: {
    title: 'Azure Storage',
    audience: () => 'https://storage.azure.com',
    origins: hosts(['blob.', 'queue.', 'table.', 'dfs.'], {
      public: 'core.windows.net',
      usgov: 'core.usgovcloudapi.net',
      china: 'core.chinacloudapi.cn',
    }),
  },
  appconfig: {
    title: 'App Configuration',
    audience: resources({
      public: 'https://appconfig.azure.com',
      usgov: 'https://appconfig.azure.us',
      china: 'https://appconfig.azure.cn',
    }),
    origins: hosts([''], { public: 'azconfig.io', usgov: 'azconfig.azure.us', china: 'azconfig.azure.cn' }),
  },
  cosmos: {
    title: 'Cosmos DB',
    audience: () => 'https://cosmos.azure.com',
    origins: hosts(['documents.'], { public: 'azure.com', usgov: 'azure.us', china: 'azure.cn' }),
  },
  openai: {
    title: 'Azure OpenAI',
    audience: resources({
      public: 'https://cognitiveservices.azure.com',
      usgov: 'https://cognitiveservices.azure.us',
      china: 'https://cognitiveservices.azure.cn',
    }),
    origins: hosts(['openai.', 'cognitiveservices.'], {
      public: 'azure.com',
      usgov: 'azure.us',
      china: 'azure.cn',
    }),
  },
  acr: {
    title: 'Container Registry',
    audience: () => 'https://containerregistry.azure.net',
    origins: hosts(['azurecr.'], { public: 'io', usgov: 'us', china: 'cn' }),
  },
  sql: {
    title: 'Azure SQL',
    audience: resources({
      public: 'https://database.windows.net',
      usgov: 'https://database.usgovcloudapi.net',
      china: 'https://database.chinacloudapi.cn',
    }),
    // A server may send its clients to a node, whose name has more labels.
    origins: hosts(['database.'], namespaceSuffixes, '**'),
  },
  postgresql: {
    title: 'Azure Database for PostgreSQL',
    audience: resources({
      public: 'https://ossrdbms-aad.database.windows.net',
      usgov: 'https://ossrdbms-aad.database.usgovcloudapi.net',
      china: 'https://ossrdbms-aad.database.chinacloudapi.cn',
    }),
    origins: hosts(['postgres.database.'], {
      public: 'azure.com',
      usgov: 'usgovcloudapi.net',
      china: 'chinacloudapi.cn',
    }),
  },
  servicebus: {
    title: 'Service Bus',
    audience: () => 'https://servicebus.azure.net',
    origins: hosts(['servicebus.'], namespaceSuffixes),
  },
  eventhub: {
    title: 'Event Hubs',
    audience: () => 'https://eventhubs.azure.net',
    origins: hosts(['servicebus.'], namespaceSuffixes),
  },
})

export type DataServiceName = keyof typeof dataServices

/** Returns the scope of tokens for the service. */
export const dataScope = (cloud: Cloud, name: DataServiceName): string =>
  `${dataServices[name].audience(cloud)}/.default`
