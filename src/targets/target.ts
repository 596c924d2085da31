import type { Clients } from '../clients/clients.ts'
import type { DataRequest, DataResponse } from '../clients/data-plane.ts'
import type { AzureResource } from '../clients/resources.ts'
import type { RoleAssignment } from '../clients/roles.ts'

/** A role as the user writes it in `--grant`. */
export interface TargetRole {
  /** As in `=reader`. */
  word: string
  /** GUID of the built-in role, or the name of the service's own role. */
  id: string
  name: string
  /** What it must allow; the proof needs this action. Any role that allows it is sufficient. */
  action: string
  plane: 'data' | 'control'
}

/** What `--grant` names: a resource, perhaps something in it, and a role. */
export interface Grant {
  /** As the user wrote it, with the role; the ID of the grant. */
  text: string
  target: Target
  /** Name or ID of the Azure resource. */
  resource: string
  /** What is accessed in it, such as the name of a container; undefined: all of it. */
  entity: string | undefined
  role: TargetRole
}

/** How a grant is proven: by a harmless read with the workload's own token. */
export type Proof =
  /** One request to the data of the service. `shows` describes what came back: `2 blobs`. */
  | { by: 'request'; request: DataRequest; shows: (response: DataResponse) => string }
  /** More than one request, or another protocol. Returns what came back; throws `ServiceError`. */
  | { by: 'run'; run: (ctx: ProofContext) => Promise<string> }
  /** There is no harmless read for this role, and why. */
  | { by: 'none'; reason: string }

export interface ProofContext extends Pick<Clients, 'cloud' | 'dataPlane'> {
  /** Returns a token of the workload for a scope such as `https://vault.azure.net/.default`. */
  token: (scope: string) => Promise<string>
  signal: AbortSignal
  workload: Pick<Workload, 'name'>
}

/** Who gets access. IDs are undefined until the identity exists. */
export interface Workload {
  /** Of its identity. */
  name: string
  clientId: string | undefined
  /** Object ID of the service principal. */
  principalId: string | undefined
}

/** Statements that an administrator has to run, because Azure has no roles for what is in a database. */
export interface Statements {
  /** `In the database shop of sql-shop, as its Microsoft Entra administrator` */
  where: string
  lines: string[]
}

/** Why a service refused a request. `token`: it doesn't accept the workload's token. `network`: by address. `unreachable`: there was no answer. */
export type RefusalCause = 'role' | 'network' | 'entity' | 'token' | 'unreachable'

/** Access that a principal has. */
export interface FoundAccess {
  /** Name of the role. */
  role: string
  scope: string
  /** wi-setup granted it, exactly here. */
  owned: boolean
  /** Its condition, which can't be evaluated here. */
  condition?: string | undefined
}

/** How access is granted where it is not by an Azure role. */
export interface AccessMethod {
  /** Returns the principal's access that includes what the grant's role allows. */
  find(ctx: AccessContext): Promise<FoundAccess | undefined>
  /** Returns what the principal has instead, for a finding: `Storage Blob Data Reader on other`. */
  others(ctx: AccessContext): Promise<string[]>
  grant(ctx: AccessContext): Promise<void>
  /** Revokes what wi-setup granted. */
  revoke(ctx: AccessContext): Promise<void>
  /** The action that granting needs, and that revoking needs. */
  actions: readonly [grant: string, revoke: string]
  /** The action that granting needs on this resource; left out: the same on all. */
  actionOn?(resource: AzureResource): string
}

export interface AccessContext extends Pick<Clients, 'roles' | 'resources' | 'inSubscription'> {
  grant: Grant
  resource: AzureResource
  /** Object ID of the service principal. */
  principalId: string
}

export type FindContext = Pick<Clients, 'roles' | 'resources' | 'azureAccount' | 'inSubscription'>

/** A kind of resource that workloads may be granted access to. */
export interface Target {
  /** What precedes the colon in `--grant`: `storage`. */
  name: string
  /** How the user writes it: `storage:ACCOUNT[/CONTAINER]`. */
  form: string
  /** A valid value of `--grant`. */
  example: string
  /** Type and API version of the Azure resource. */
  type: string
  apiVersion: string
  /** What the Azure resource is called: `storage account`. */
  resourceTitle: string
  /** The narrowest roles; the first is the default. */
  roles: readonly [TargetRole, ...TargetRole[]]
  /** Name rules of the Azure resource and of what is in it, and the same in words. No `entity`: nothing is in it. */
  names: { resource: RegExp; entity?: RegExp; allowed: string }
  /** True if the text must name something in the resource. */
  needsEntity?: true
  /** Returns what the grant gives access to, in plans and findings: `blobs of invoices in stshop`. */
  label(resource: string, entity: string | undefined): string
  /** Returns the narrowest scope for the role: the ID of the resource or of what is in it. */
  scope(resourceId: string, entity: string | undefined): string
  /** Finds the resource, where that is not by type and name. */
  find?(ctx: FindContext, grant: Grant): Promise<AzureResource | undefined>
  /** Returns why the resource accepts no token of Microsoft Entra; undefined if it does. */
  entraDisabled?(resource: AzureResource): { is: string; should: string } | undefined
  /** Returns whether the resource accepts connections from the internet, subject to its firewall. */
  isPublic(resource: AzureResource): boolean
  proof(resource: AzureResource, grant: Grant): Proof
  /** Returns the cause of a refusal that the service words in its own way; undefined: by its code. */
  refusal?(error: { code: string; status: number | undefined; message: string }): RefusalCause | undefined
  /** Left out: by an Azure role. */
  access?: AccessMethod
  /** Returns the statements that grant access, for services whose own administrator has to run them. */
  statements?(grant: Grant, workload: Workload): Statements[]
  /** Returns names that the grant may mean if what it names in the resource does not exist; undefined if it exists. */
  missingEntity?(ctx: FindContext, grant: Grant, resource: AzureResource): Promise<string[] | undefined>
}

/** Returns whether wi-setup created the assignment. */
export const isOwnAssignment = ({ description }: Pick<RoleAssignment, 'description'>): boolean =>
  description?.includes('wi-setup') ?? false

/** Returns `blobs of invoices in stshop`. */
export const grantLabel = ({ target, resource, entity }: Grant): string =>
  target.label(resource.split('/').at(-1)!, entity)
