import type { Simulator } from '../../simulator.ts'
import { AksError, notFound } from '../errors.ts'
import { operationUrl, runningOperation } from '../operations.ts'
import type { ArmRequest } from '../request.ts'
import { findResource } from '../resources/resources.ts'
import type { Operation, Resource } from '../state.ts'
import { isoSeconds } from '../timestamps.ts'
import type { ClusterProperties } from './validation.ts'

export const propertiesOf = ({ body }: Resource) => body.properties as ClusterProperties

export const regionOf = ({ body }: Resource) => String(body.location)

/** The cluster that the path names, itself or something in it. */
export function requireCluster({ simulator, id }: ArmRequest): Resource {
  const cluster = id.split('/').slice(0, 9).join('/')
  const found = findResource(simulator, cluster)
  if (!found) throw notFound(cluster)
  return found
}

const descriptions: Record<string, string> = {
  createCluster: 'create managed cluster',
  updateCluster: 'update managed cluster',
  deleteCluster: 'delete managed cluster',
  startCluster: 'start managed cluster',
  stopCluster: 'stop managed cluster',
  rotateKeys: 'rotate service account signing keys',
}

/** One operation at a time: throws 409 while one runs. */
export function requireIdle(simulator: Simulator, { body }: Resource): void {
  const operation = runningOperation(simulator, body.id)
  if (operation)
    throw new AksError(
      409,
      'OperationNotAllowed',
      `Operation is not allowed because there's an in progress ${descriptions[operation.kind]} operation (operation ID: ${operation.id}) on the managed cluster ${body.name} started on UTC ${isoSeconds(operation.startedAt)}. Please wait for it to finish before starting a new operation. You can also use 'az aks operation-abort ...' to abort the ongoing operation.`,
    )
}

export function requireRunning(cluster: Resource): void {
  if (propertiesOf(cluster).powerState?.code === 'Stopped')
    throw new AksError(
      409,
      'OperationNotAllowed',
      `Operation is not allowed because the managed cluster ${cluster.body.name} is stopped. Please start it first.`,
    )
}

/** AKS names the type of its answers without a character set. */
export const jsonHeaders = { 'content-type': 'application/json' }

/** Where a running operation's state is to be read. */
export const operationHeaders = (request: ArmRequest, operation: Operation) => ({
  ...jsonHeaders,
  'azure-asyncoperation': operationUrl(request, 'Microsoft.ContainerService', operation, 'operations'),
})

/** The same for an answer without a body. */
export const acceptedHeaders = (request: ArmRequest, operation: Operation) => ({
  'azure-asyncoperation': operationUrl(request, 'Microsoft.ContainerService', operation, 'operations'),
  location: operationUrl(request, 'Microsoft.ContainerService', operation, 'operationresults'),
})
