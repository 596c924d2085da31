import type { AzureResource } from '../clients/resources.ts'
import type { Target } from './target.ts'

/** What all targets in a storage account have in common. */
export const storageAccount = {
  type: 'Microsoft.Storage/storageAccounts',
  apiVersion: '2023-05-01',
  resourceTitle: 'storage account',
  isPublic: ({ properties }) => properties.publicNetworkAccess !== 'Disabled',
} as const satisfies Partial<Target>

export const accountName = /^[a-z0-9]{3,24}$/

/** Returns the address of a service of the account, with its final slash. The name alone doesn't determine it. */
export function storageEndpoint({ properties }: AzureResource, service: 'blob' | 'queue' | 'table'): string {
  const endpoints = (properties.primaryEndpoints ?? {}) as Record<string, string | undefined>
  return (endpoints[service] ?? '').replace(/\/?$/, '/')
}
