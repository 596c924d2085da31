import { setTimeout as delay } from 'node:timers/promises'
import type { ContainerServiceClient, ManagedCluster } from '@azure/arm-containerservice'
import type { AksCluster, AksClusters, NewAksCluster } from '../aks-clusters.ts'
import { undefinedIfNotFound } from '../errors.ts'
import { lazy } from '../lazy.ts'
import { ServiceError } from '../service-error.ts'
import { type ArmContext, collect } from './arm-context.ts'
import { resourceGroupOf } from './resource-id.ts'

/** How often a cluster is read while something else is at work on it; AKS allows one read a second. */
const pollMs = 5_000
const atRest = /^(Succeeded|Failed|Canceled)$/

const read = (of: ManagedCluster): AksCluster => ({
  id: of.id ?? '',
  name: of.name ?? '',
  group: resourceGroupOf(of.id),
  location: of.location,
  tags: of.tags ?? {},
  kubernetesVersion: of.currentKubernetesVersion ?? of.kubernetesVersion ?? '',
  state: of.provisioningState ?? '',
  running: of.powerState?.code !== 'Stopped',
  issuerEnabled: of.oidcIssuerProfile?.enabled ?? false,
  issuer: of.oidcIssuerProfile?.issuerURL || undefined,
  workloadIdentity: of.securityProfile?.workloadIdentity?.enabled ?? false,
  windowsPool: of.agentPoolProfiles?.some((pool) => pool.osType === 'Windows') ?? false,
  privateCluster: of.apiServerAccessProfile?.enablePrivateCluster ?? false,
})

/** Windows pools have names of six characters at most. */
const windowsPool = {
  name: 'win',
  mode: 'User',
  count: 1,
  osType: 'Windows',
  type: 'VirtualMachineScaleSets',
}

const fresh = (of: NewAksCluster): ManagedCluster => {
  const size = of.nodeSize ? { vmSize: of.nodeSize } : {}
  const system = {
    name: 'system',
    mode: 'System',
    count: of.nodeCount,
    osType: 'Linux',
    type: 'VirtualMachineScaleSets',
  }
  return {
    location: of.location,
    tags: of.tags,
    sku: { name: 'Base', tier: 'Free' },
    identity: { type: 'SystemAssigned' },
    dnsPrefix: of.dnsPrefix,
    ...(of.kubernetesVersion ? { kubernetesVersion: of.kubernetesVersion } : {}),
    agentPoolProfiles: [{ ...system, ...size }, ...(of.windows ? [{ ...windowsPool, ...size }] : [])],
    // Windows nodes need Azure's own network.
    ...(of.windows ? { networkProfile: { networkPlugin: 'azure', networkPluginMode: 'overlay' } } : {}),
    oidcIssuerProfile: { enabled: true },
    ...(of.workloadIdentity ? { securityProfile: { workloadIdentity: { enabled: true } } } : {}),
  }
}

interface Body {
  eTag?: string
  properties: {
    agentPoolProfiles?: Record<string, unknown>[]
    oidcIssuerProfile?: { enabled?: boolean }
    securityProfile?: Record<string, unknown>
  }
}

/** The whole cluster as it was answered, with things switched on in it. */
function switchedOn(body: Body, what: Parameters<AksClusters['enable']>[2]): Body {
  const { properties } = body
  const pools = properties.agentPoolProfiles ?? []
  return {
    ...body,
    properties: {
      ...properties,
      // Sending a default `false` back is refused, so what is on is always said to be on.
      ...(what.issuer || what.workloadIdentity || properties.oidcIssuerProfile?.enabled
        ? { oidcIssuerProfile: { ...properties.oidcIssuerProfile, enabled: true } }
        : {}),
      ...(what.workloadIdentity
        ? { securityProfile: { ...properties.securityProfile, workloadIdentity: { enabled: true } } }
        : {}),
      ...(what.windowsPool && !pools.some((pool) => pool.osType === 'Windows')
        ? { agentPoolProfiles: [...pools, windowsPool] }
        : {}),
    },
  }
}

export function makeAksClusters(arm: ArmContext): AksClusters {
  const make = async () => {
    const { ContainerServiceClient } = await import('@azure/arm-containerservice')
    return new ContainerServiceClient(arm.credential, arm.subscription(), arm.options)
  }
  const client = lazy(make)
  const clusters = async () => (await client()).managedClusters

  const get: AksClusters['get'] = (group, name) =>
    undefinedIfNotFound(arm.guard(async () => read(await (await clusters()).get(group, name, arm.call))))

  async function rawBody(from: ContainerServiceClient, group: string, name: string): Promise<Body> {
    let text = ''
    await from.managedClusters.get(group, name, {
      ...arm.call,
      onResponse: (response) => {
        text = response.bodyAsText ?? ''
      },
    })
    return JSON.parse(text)
  }

  return {
    get,
    list: () => arm.guard(async () => collect((await clusters()).list(arm.call), read)),

    create: (group, name, of) =>
      arm.guard(async () => {
        await (await clusters()).createOrUpdate(group, name, fresh(of), arm.call).pollUntilDone(arm.call)
      }),

    enable: (group, name, what) =>
      arm.guard(async () => {
        // A client of its own: its PUT sends the answered body, with members that the SDK's model does not know.
        const own = await make()
        const body = switchedOn(await rawBody(own, group, name), what)
        own.pipeline.addPolicy({
          name: 'whole-body',
          sendRequest: (request, next) => {
            if (request.method === 'PUT') request.body = JSON.stringify(body)
            return next(request)
          },
        })
        const { eTag } = body
        await own.managedClusters
          .createOrUpdate(group, name, { location: '' }, { ...arm.call, ...(eTag ? { ifMatch: eTag } : {}) })
          .pollUntilDone(arm.call)
      }),

    remove: (group, name) =>
      arm.guard(async () => {
        let found = await get(group, name)
        while (found && !atRest.test(found.state) && found.state !== 'Deleting') {
          await delay(pollMs, undefined, { signal: arm.signal })
          found = await get(group, name)
        }
        if (!found) return
        if (found.state !== 'Deleting')
          await (await clusters()).delete(group, name, arm.call).pollUntilDone(arm.call)
        while (await get(group, name)) await delay(pollMs, undefined, { signal: arm.signal })
      }),

    kubeconfig: (group, name) =>
      arm.guard(async () => {
        const { kubeconfigs } = await (await clusters()).listClusterUserCredentials(group, name, {
          ...arm.call,
          format: 'exec',
        })
        const value = kubeconfigs?.[0]?.value
        if (!value)
          throw new ServiceError({
            service: 'arm',
            code: 'NoKubeconfig',
            message: `The service gave no kubeconfig for the cluster ${name}`,
          })
        return Buffer.from(value).toString('utf8')
      }),
  }
}
