import { setTimeout as delay } from 'node:timers/promises'
import type { ContainerServiceClient } from '@azure/arm-containerservice'
import type { AksClusters } from '../aks-clusters.ts'
import { undefinedIfNotFound } from '../errors.ts'
import { lazy } from '../lazy.ts'
import { ServiceError } from '../service-error.ts'
import { newClusterBody, type RawCluster, toCluster, withFeatures } from './aks-cluster.ts'
import { type ArmContext, collect } from './arm-context.ts'

/** Interval in ms for reading a cluster during an operation. AKS allows one read per second. */
const pollInterval = 5_000
const finalState = /^(Succeeded|Failed|Canceled)$/

async function makeClient(arm: ArmContext): Promise<ContainerServiceClient> {
  const { ContainerServiceClient } = await import('@azure/arm-containerservice')
  return new ContainerServiceClient(arm.credential, arm.subscription(), arm.options)
}

export function makeAksClusters(arm: ArmContext): AksClusters {
  const client = lazy(() => makeClient(arm))
  const clusters = async () => (await client()).managedClusters

  const get: AksClusters['get'] = (group, name) =>
    undefinedIfNotFound(arm.guard(async () => toCluster(await (await clusters()).get(group, name, arm.call))))

  return {
    get,
    list: () => arm.guard(async () => collect((await clusters()).list(arm.call), toCluster)),
    identityBindings: (group, name) =>
      arm.guard(async () => {
        const { identityBindings } = await client()
        return collect(identityBindings.listByManagedCluster(group, name, arm.call), (each) => ({
          name: each.name ?? '',
          clientId: each.properties?.managedIdentity.clientId ?? '',
        }))
      }),

    create: (group, name, options) =>
      arm.guard(async () => {
        await (await clusters())
          .createOrUpdate(group, name, newClusterBody(options), arm.call)
          .pollUntilDone(arm.call)
      }),

    enable: (group, name, features) => arm.guard(() => enableFeatures(arm, group, name, features)),

    remove: (group, name) =>
      arm.guard(async () => {
        const wait = () => delay(pollInterval, undefined, { signal: arm.signal })
        let cluster = await get(group, name)
        while (cluster && !finalState.test(cluster.state) && cluster.state !== 'Deleting') {
          await wait()
          cluster = await get(group, name)
        }
        if (!cluster) return
        if (cluster.state !== 'Deleting')
          await (await clusters()).delete(group, name, arm.call).pollUntilDone(arm.call)
        while (await get(group, name)) await wait()
      }),

    kubeconfig: (group, name) =>
      arm.guard(async () => {
        const options = { ...arm.call, format: 'exec' as const }
        const { kubeconfigs } = await (await clusters()).listClusterUserCredentials(group, name, options)
        const value = kubeconfigs?.[0]?.value
        if (value) return Buffer.from(value).toString('utf8')
        throw new ServiceError({
          service: 'arm',
          code: 'NoKubeconfig',
          message: `AKS returned no kubeconfig for the cluster ${name}`,
        })
      }),
  }
}

/** Sends the body that ARM returned back with changes, because the SDK's model would drop unknown properties. */
async function enableFeatures(
  arm: ArmContext,
  group: string,
  name: string,
  features: Parameters<AksClusters['enable']>[2],
): Promise<void> {
  // A separate client, because the policy replaces the body of every PUT.
  const client = await makeClient(arm)
  const body = withFeatures(await readBody(client, arm, group, name), features)
  client.pipeline.addPolicy({
    name: 'complete-body',
    sendRequest: (request, next) => {
      if (request.method === 'PUT') request.body = JSON.stringify(body)
      return next(request)
    },
  })
  const options = { ...arm.call, ...(body.eTag ? { ifMatch: body.eTag } : {}) }
  await client.managedClusters.createOrUpdate(group, name, { location: '' }, options).pollUntilDone(arm.call)
}

async function readBody(
  client: ContainerServiceClient,
  arm: ArmContext,
  group: string,
  name: string,
): Promise<RawCluster> {
  let text = ''
  await client.managedClusters.get(group, name, {
    ...arm.call,
    onResponse: (response) => {
      text = response.bodyAsText ?? ''
    },
  })
  return JSON.parse(text)
}
