/** An Azure resource before it is created, as far as it decides what policies say. */
export interface NewResource {
  /** `Microsoft.KeyVault/vaults` */
  type: string
  name: string
  apiVersion: string
  /** The scope that will contain it: the ID of a subscription or of a resource group that exists. */
  scope: string
  location?: string
  tags?: Record<string, string>
  properties?: Record<string, unknown>
}

/** A policy that denies a resource, and what it compared. */
export interface PolicyDenial {
  assignmentId: string
  /** Display name of the assignment; its name if it can't be read. */
  title: string
  /** `location`, `NotIn`, `['eastus']`. */
  comparisons: { field: string; is: unknown; operator: string; target: unknown }[]
}

export interface Policies {
  /** Returns the policies that would deny the resource. Writes nothing. */
  denials(resource: NewResource): Promise<PolicyDenial[]>
}
