/** Any resource of Azure Resource Manager. */
export interface AzureResource {
  id: string
  name: string
  location: string
  tags: Record<string, string>
  kind: string | undefined
  sku: string | undefined
  /** As the resource provider describes it; empty for the resources of a list. */
  properties: Record<string, unknown>
}

/** Resources of types that have no client of their own. Those with an ID may be in any subscription. */
export interface Resources {
  /** Returns the resources of this type in the subscription, without their properties; all, or those of this name. */
  list(type: string, name?: string): Promise<AzureResource[]>
  /** Returns the resources of a collection within a resource, such as `…/sqlRoleAssignments`. */
  within(collection: string, apiVersion: string): Promise<AzureResource[]>
  get(id: string, apiVersion: string): Promise<AzureResource | undefined>
  /** Creates or replaces it, and waits for the operation. */
  put(id: string, apiVersion: string, body: object): Promise<void>
  /** Returns whether a storage account of this name exists, in any tenant. */
  storageNameTaken(name: string): Promise<boolean>
  /** Deletes it if it exists, and waits for the operation. */
  remove(id: string, apiVersion: string): Promise<void>
}
