import { randomUUID } from 'node:crypto'
import type { FederatedCredentialObject } from '../../graph/state.ts'
import type { Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { requirePermission } from '../authorization/access.ts'
import { AksError, notFound } from '../errors.ts'
import { listBody } from '../lists.ts'
import { retryAfter, runningOperation, startOperation } from '../operations.ts'
import type { OperationType } from '../provider.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { parseBody, type Shape } from '../request-body.ts'
import { findResource } from '../resources/resources.ts'
import type { IdentityBinding, Operation, Resource } from '../state.ts'
import { acceptedHeaders, jsonHeaders, regionOf, requireCluster } from './lookup.ts'

/** Credential that AKS creates on a bound identity. All clusters share it, and it outlives the bindings. */
export const bindingCredential = 'aks-identity-binding'

const type = 'Microsoft.ContainerService/managedClusters/identityBindings'
const maxCredentials = 20
const shape: Shape = { properties: { managedIdentity: { resourceId: 'string' } } }

const issuerOf = (simulator: Simulator, { body }: Resource) =>
  `https://ib.oic.prod-aks.azure.com/${simulator.state.tenant.id}/${body.properties.clientId}`

/** Returns the user-assigned identity of a binding, unless it was deleted. */
export const boundIdentity = (simulator: Simulator, { identityId }: IdentityBinding) =>
  findResource(simulator, identityId)

const idOf = (cluster: Resource, { name }: IdentityBinding) => `${cluster.body.id}/identityBindings/${name}`

function stateOf(simulator: Simulator, { operation: id }: IdentityBinding): string {
  const operation = id === undefined ? undefined : simulator.state.arm.operations[id]
  if (operation && !operation.finished)
    return operation.kind === 'deleteIdentityBinding' ? 'Deleting' : 'Creating'
  if (operation?.ending === 'canceled') return 'Canceled'
  return operation?.error ? 'Failed' : 'Succeeded'
}

/** Whether the API server's proxy knows the binding. */
export const isActive = (simulator: Simulator, binding: IdentityBinding): boolean =>
  stateOf(simulator, binding) === 'Succeeded'

function view(simulator: Simulator, cluster: Resource, binding: IdentityBinding) {
  const identity = boundIdentity(simulator, binding)
  const { principalId, clientId, tenantId } = identity?.body.properties ?? {}
  return {
    id: idOf(cluster, binding),
    name: binding.name,
    type,
    properties: {
      managedIdentity: { resourceId: binding.identityId, objectId: principalId, clientId, tenantId },
      oidcIssuer: { oidcIssuerUrl: identity && issuerOf(simulator, identity) },
      provisioningState: stateOf(simulator, binding),
    },
  }
}

const bindingsOf = (cluster: Resource): IdentityBinding[] => (cluster.identityBindings ??= [])

const findBinding = (cluster: Resource, name: string) =>
  bindingsOf(cluster).find((each) => each.name.toLowerCase() === name.toLowerCase())

function requireIdentity({ simulator, call }: ArmRequest): Resource {
  const { properties } = parseBody<{ properties?: { managedIdentity?: { resourceId?: string } } }>(
    call,
    shape,
  )
  const id = properties?.managedIdentity?.resourceId ?? ''
  const identity = findResource(simulator, id)
  if (identity?.body.type.toLowerCase() !== 'microsoft.managedidentity/userassignedidentities')
    throw new AksError(400, 'InvalidParameter', `The managed identity '${id}' was not found.`)
  return identity
}

/** Creates the credential of AKS on the identity, with the caller's permission. Its subject is not documented. */
function federate({ simulator, caller }: ArmRequest, identity: Resource): void {
  requirePermission(
    simulator,
    caller,
    'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write',
    identity.body.id,
  )
  const credentials = identity.credentials!
  if (credentials.some(({ name }) => name === bindingCredential)) return
  if (credentials.length >= maxCredentials)
    throw new AksError(
      400,
      'FederatedIdentityCredentialsLimitExceeded',
      `The maximum number of ${maxCredentials} federated identity credentials for the managed identity has been reached.`,
    )
  const now = simulator.now()
  credentials.push({
    id: randomUUID(),
    name: bindingCredential,
    issuer: issuerOf(simulator, identity),
    subject: String(identity.body.properties.clientId),
    description: null,
    audiences: ['api://AzureADTokenExchange'],
    createdAt: now,
    changedAt: now,
  } satisfies FederatedCredentialObject)
}

function put(request: ArmRequest): Reply {
  const { simulator, params } = request
  const cluster = requireCluster(request)
  const identity = requireIdentity(request)
  const existing = findBinding(cluster, params.binding!)
  if (existing && existing.identityId.toLowerCase() !== identity.body.id.toLowerCase())
    throw new AksError(
      400,
      'PropertyChangeNotAllowed',
      "Changing property 'properties.managedIdentity.resourceId' is not allowed.",
    )
  if (existing) requireNoOperation(simulator, cluster, existing)
  federate(request, identity)
  const binding = existing ?? { name: params.binding!, identityId: identity.body.id }
  if (!existing) bindingsOf(cluster).push(binding)
  const operation = start(request, cluster, binding, 'createIdentityBinding')
  return {
    status: existing ? 200 : 201,
    headers: {
      ...jsonHeaders,
      ...acceptedHeaders(request, operation),
      'retry-after': retryAfter(simulator, operation),
    },
    body: view(simulator, cluster, binding),
  }
}

/** Throws 409 while an operation is running on the binding. */
function requireNoOperation(simulator: Simulator, cluster: Resource, binding: IdentityBinding): void {
  const operation = runningOperation(simulator, idOf(cluster, binding))
  if (operation)
    throw new AksError(
      409,
      'OperationNotAllowed',
      `Operation is not allowed because there's an in progress operation (operation ID: ${operation.id}) on the identity binding ${binding.name}. Please wait for it to finish before starting a new operation.`,
    )
}

function start(
  { simulator }: ArmRequest,
  cluster: Resource,
  binding: IdentityBinding,
  kind: keyof typeof identityBindingOperations,
): Operation {
  const resource = { id: idOf(cluster, binding), region: regionOf(cluster) }
  const operation = startOperation(simulator, kind, resource, 'identityBinding')
  binding.operation = operation.id
  return operation
}

function get(request: ArmRequest): Reply {
  const cluster = requireCluster(request)
  const binding = findBinding(cluster, request.params.binding!)
  if (!binding) throw notFound(request.id)
  return { status: 200, headers: jsonHeaders, body: view(request.simulator, cluster, binding) }
}

function list(request: ArmRequest): Reply {
  const cluster = requireCluster(request)
  const views = bindingsOf(cluster).map((each) => view(request.simulator, cluster, each))
  return { status: 200, headers: jsonHeaders, body: listBody(request, views) }
}

function remove(request: ArmRequest): Reply {
  const { simulator } = request
  const cluster = requireCluster(request)
  const binding = findBinding(cluster, request.params.binding!)
  if (!binding) return { status: 204 }
  const running = runningOperation(simulator, idOf(cluster, binding))
  if (running?.kind !== 'deleteIdentityBinding') requireNoOperation(simulator, cluster, binding)
  const operation = running ?? start(request, cluster, binding, 'deleteIdentityBinding')
  return {
    status: 202,
    headers: { ...acceptedHeaders(request, operation), 'retry-after': retryAfter(simulator, operation) },
  }
}

export const identityBindingOperations = {
  createIdentityBinding: { finish() {} },
  deleteIdentityBinding: {
    finish(simulator: Simulator, { id, resourceId }: Operation): void {
      const cluster = findResource(simulator, resourceId.split('/').slice(0, 9).join('/'))
      if (cluster) cluster.identityBindings = bindingsOf(cluster).filter(({ operation }) => operation !== id)
    },
  },
} satisfies Record<string, OperationType>

const path =
  '/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.ContainerService/managedClusters/:cluster/identityBindings'

export const identityBindingRoutes: ArmRoute[] = [
  { method: 'GET', path, handler: list },
  { method: 'PUT', path: `${path}/:binding`, handler: put },
  { method: 'GET', path: `${path}/:binding`, handler: get },
  { method: 'DELETE', path: `${path}/:binding`, handler: remove },
]
