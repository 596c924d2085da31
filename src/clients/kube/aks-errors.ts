import { setTimeout as delay } from 'node:timers/promises'
import { lazy } from '../lazy.ts'
import { hasCode, ServiceError } from '../service-error.ts'
import type { ApiServerOptions } from './api-server.ts'

/** How a connection that a network drops or rejects ends. */
const unreachable = ['ETIMEDOUT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH']

/** Azure drops the packets of other addresses, and most clients wait much longer. In ms. */
const patience = 10_000

type AksErrorOptions = Pick<ApiServerOptions, 'connection' | 'aksClusters' | 'signal'>

interface AksErrors {
  /** Sends a request. Until one was answered, throws the reason from Azure why none can be. */
  whileBlocked<T>(send: () => Promise<T>): Promise<T>
  /** Adds the cluster's ARM ID to a rejection by Azure RBAC, for the role assignment that is missing. */
  withCluster(error: ServiceError): ServiceError
}

/** Completes the errors of an AKS cluster's API server by what Azure knows about the cluster. */
export function makeAksErrors({ connection, aksClusters, signal }: AksErrorOptions): AksErrors {
  if (connection.kind !== 'aks') return { whileBlocked: (send) => send(), withCluster: (error) => error }
  const { group, cluster, subscription } = connection
  let answered = false
  const readRanges = lazy(async () => (await aksClusters.get(group, cluster))?.authorizedRanges ?? [])

  /** Throws if the cluster admits only certain addresses. */
  const rejectIfRestricted = async (cause?: unknown) => {
    const ranges = await readRanges().catch(() => [])
    if (ranges.length === 0) return
    throw new ServiceError({
      service: 'kubernetes',
      code: 'AuthorizedIpRanges',
      message: `The API server of cluster ${cluster} in resource group ${group} does not respond to this machine. It accepts connections only from its authorized IP ranges: ${ranges.join(', ')}`,
      cause,
    })
  }

  return {
    async whileBlocked(send) {
      if (answered) return send()
      const finished = new AbortController()
      const patient = delay(patience, undefined, { signal: AbortSignal.any([signal, finished.signal]) })
      const pending = send()
      try {
        const result = await Promise.race([
          pending,
          patient.then(
            () => rejectIfRestricted().then(() => pending),
            () => pending,
          ),
        ])
        answered = true
        return result
      } catch (error) {
        if (hasCode(error, ...unreachable)) await rejectIfRestricted(error)
        throw error
      } finally {
        finished.abort()
      }
    },

    withCluster(error) {
      if (error.status !== 403 || !/does not have access to the resource in Azure/.test(error.message))
        return error
      const id = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.ContainerService/managedClusters/${cluster}`
      const { service, code, status, requestId } = error
      return new ServiceError({
        service,
        code,
        status,
        requestId,
        message: `${error.message} Cluster: ${id}`,
      })
    },
  }
}
