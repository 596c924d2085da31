import type { Simulator } from '../../simulator.ts'
import { AksError, notFound } from '../errors.ts'
import { operationUrl, runningOperation } from '../operations.ts'
import type { ArmRequest } from '../request.ts'
import { findResource } from '../resources/resources.ts'
import type { Operation, Resource } from '../state.ts'
import { isoSeconds } from '../timestamps.ts'
import type { ClusterProperties, Pool } from './validation.ts'

export const propertiesOf = ({ body }: Resource) => body.properties as ClusterProperties

export const poolsOf = (cluster: Resource): Pool[] => propertiesOf(cluster).agentPoolProfiles ?? []

export const regionOf = ({ body }: Resource) => String(body.location)

/** Returns the cluster of a path, which may continue below it. Throws 404. */
export function requireCluster({ simulator, id }: ArmRequest): Resource {
  const clusterId = id.split('/').slice(0, 9).join('/')
  const cluster = findResource(simulator, clusterId)
  if (!cluster) throw notFound(clusterId)
  return cluster
}

/** Returns the pool of a path. Throws 404. */
export function requirePool({ params }: ArmRequest, cluster: Resource): Pool {
  const pool = poolsOf(cluster).find(({ name }) => name === params.pool)
  if (!pool)
    throw new AksError(
      404,
      'NotFound',
      `Could not find the agentpool: ${params.pool} in subscription: ${cluster.body.id.split('/')[2]}, resourceGroup: ${cluster.body.id.split('/')[4]}, resourceName: ${cluster.body.name}.`,
      {
        details: [{ code: 'Unspecified', message: 'rpc error: code = NotFound desc = Agent Pool not found' }],
        subcode: 'GetAgentPool_NotFound_HCPServerError',
      },
    )
  return pool
}

const descriptions: Record<string, string> = {
  createCluster: 'create managed cluster',
  updateCluster: 'update managed cluster',
  deleteCluster: 'delete managed cluster',
  startCluster: 'start managed cluster',
  stopCluster: 'stop managed cluster',
  rotateKeys: 'rotate service account signing keys',
}

/** Throws 409 while an operation is running on the cluster. */
export function requireIdle(simulator: Simulator, { body }: Resource): void {
  const operation = runningOperation(simulator, body.id)
  if (operation)
    throw new AksError(
      409,
      'OperationNotAllowed',
      `Operation is not allowed because there's an in progress ${descriptions[operation.kind]} operation (operation ID: ${operation.id}) on the managed cluster ${body.name} started on UTC ${isoSeconds(operation.startedAt)}. Please wait for it to finish before starting a new operation. You can also use 'az aks operation-abort ...' to abort the ongoing operation.`,
    )
}

/** Throws 409 for a stopped cluster. */
export function requireRunning(cluster: Resource): void {
  if (propertiesOf(cluster).powerState?.code === 'Stopped')
    throw new AksError(
      409,
      'OperationNotAllowed',
      `Operation is not allowed because the managed cluster ${cluster.body.name} is stopped. Please start it first.`,
    )
}

/** AKS sends its content type without a charset. */
export const jsonHeaders = { 'content-type': 'application/json' }

/** Headers of a reply with a body: where to read the operation's status. */
export const operationHeaders = (request: ArmRequest, operation: Operation) => ({
  ...jsonHeaders,
  'azure-asyncoperation': operationUrl(request, 'Microsoft.ContainerService', operation, 'operations'),
})

/** Headers of a reply without a body. */
export const acceptedHeaders = (request: ArmRequest, operation: Operation) => ({
  'azure-asyncoperation': operationUrl(request, 'Microsoft.ContainerService', operation, 'operations'),
  location: operationUrl(request, 'Microsoft.ContainerService', operation, 'operationresults'),
})
