import type { Resource } from '../arm/state.ts'
import { allowedAddresses, hasPublicAccess } from '../network-rules.ts'
import { ownOrNew } from '../own-property.ts'
import type { Simulator } from '../simulator.ts'
import type { StorageData } from './state.ts'

/** The host labels of the data planes. In Azure, websites are in zones, such as `z13`. */
export const hostLabels = {
  blob: 'blob.core',
  queue: 'queue.core',
  table: 'table.core',
  dfs: 'dfs.core',
  web: 'z13.web.core',
} as const

export type StorageServiceName = keyof typeof hostLabels

/** The services of each kind of account. Files are not simulated. */
const servicesOf: Record<string, readonly (StorageServiceName | 'file')[]> = {
  StorageV2: ['dfs', 'web', 'blob', 'queue', 'table', 'file'],
  Storage: ['blob', 'queue', 'table', 'file'],
  BlobStorage: ['dfs', 'blob', 'table'],
  BlockBlobStorage: ['dfs', 'web', 'blob'],
  FileStorage: ['file'],
}

export const isKind = (kind: string) => Object.hasOwn(servicesOf, kind)

export const hasService = (kind: string, service: StorageServiceName) =>
  servicesOf[kind]?.includes(service) === true

/** Returns `https://shop.blob.core.localhost:8443`. */
export const storageEndpoint = (simulator: Simulator, account: string, service: StorageServiceName) =>
  `https://${account}.${simulator.hostSuffix(hostLabels[service])}`

/** Returns the `primaryEndpoints` of an account. */
export function primaryEndpoints(simulator: Simulator, name: string, kind: string): Record<string, string> {
  const url = (service: StorageServiceName | 'file') =>
    service === 'file'
      ? `https://${name}.${simulator.hostSuffix('file.core')}/`
      : `${storageEndpoint(simulator, name, service)}/`
  return Object.fromEntries((servicesOf[kind] ?? []).map((service) => [service, url(service)]))
}

/** A storage account as its data planes see it: properties of the ARM resource, and its contents. */
export interface StorageAccount {
  /** ARM resource ID. */
  id: string
  name: string
  kind: string
  /** False if requests signed with an account key are rejected. */
  sharedKeys: boolean
  /** False if containers can't allow anonymous reads. */
  anonymousReads: boolean
  publicAccess: boolean
  /** Addresses and ranges that the firewall allows; `undefined` if it is off. */
  allowedAddresses: string[] | undefined
  data: StorageData
}

export const accountType = 'Microsoft.Storage/storageAccounts'

const isAccount = ({ body }: Resource, name: string) => body.type === accountType && body.name === name

export const findAccountResource = ({ state }: Simulator, name: string): Resource | undefined =>
  Object.values(state.arm.resources).find((each) => isAccount(each, name))

/** Returns the contents of an account. */
export const dataOf = ({ state }: Simulator, name: string): StorageData =>
  ownOrNew(state.storage, name, () => ({
    containers: {},
    queues: {},
    tables: {},
    website: { enabled: false },
  }))

/** Finds an account with the service by the name in the host name. `undefined`: its host name does not resolve (yet). */
export function findAccount(
  simulator: Simulator,
  name: string,
  service: StorageServiceName,
): StorageAccount | undefined {
  const resource = findAccountResource(simulator, name)
  if (resource?.body.properties.provisioningState !== 'Succeeded') return undefined
  const { properties } = resource.body
  if (!hasService(String(resource.body.kind), service)) return undefined
  return {
    id: resource.body.id,
    name,
    kind: String(resource.body.kind),
    sharedKeys: properties.allowSharedKeyAccess !== false,
    anonymousReads: properties.allowBlobPublicAccess === true,
    publicAccess: hasPublicAccess(properties),
    allowedAddresses: allowedAddresses(properties.networkAcls),
    data: dataOf(simulator, name),
  }
}
