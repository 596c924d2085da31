import { containerServiceProvider } from './aks/index.ts'
import { appConfigurationProvider } from './appconfiguration/index.ts'
import { authorizationProvider } from './authorization/index.ts'
import { cognitiveServicesProvider } from './cognitiveservices/index.ts'
import { containerRegistryProvider } from './containerregistry/index.ts'
import { cosmosProvider } from './cosmosdb/index.ts'
import { managedIdentityProvider } from './identity/index.ts'
import { keyVaultProvider } from './keyvault/index.ts'
import { eventHubProvider, serviceBusProvider } from './messaging/index.ts'
import { policyInsightsProvider } from './policyinsights/index.ts'
import { postgresProvider } from './postgresql/index.ts'
import type { OperationType, ResourceProvider } from './provider.ts'
import { resourcesProvider } from './resources/index.ts'
import { sqlProvider } from './sql/index.ts'
import { storageProvider } from './storage/index.ts'

/** All resource providers, in the order of `GET …/providers`. */
export const providers: readonly ResourceProvider[] = [
  containerServiceProvider,
  managedIdentityProvider,
  keyVaultProvider,
  storageProvider,
  appConfigurationProvider,
  cosmosProvider,
  cognitiveServicesProvider,
  containerRegistryProvider,
  sqlProvider,
  postgresProvider,
  serviceBusProvider,
  eventHubProvider,
  policyInsightsProvider,
  authorizationProvider,
  resourcesProvider,
]

/** Returns the provider of a namespace. Ignores case. */
export const findProvider = (namespace: string): ResourceProvider | undefined =>
  providers.find((provider) => provider.namespace.toLowerCase() === namespace.toLowerCase())

/** Returns the provider of `Microsoft.KeyVault/vaults`. */
export const providerOfType = (type: string) => findProvider(type.split('/')[0]!)

const operationTypes = Object.assign({}, ...providers.map(({ operations }) => operations)) as Record<
  string,
  OperationType
>

export const operationType = (kind: string): OperationType => operationTypes[kind]!
