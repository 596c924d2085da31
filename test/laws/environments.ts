import type { Settings } from '../../src/settings/settings.ts'
import { annotate, makeApplication, makeCluster } from '../support/external-changes.ts'
import type { newTestRun } from '../support/test-run.ts'

export type Job = Awaited<ReturnType<typeof newTestRun>>

export interface Ground {
  over: Partial<Settings>
  /** What others have made before wi-setup comes. Settings that only then are known come back. */
  lay(job: Job): Promise<Partial<Settings>>
}

const location = 'westeurope'
const aks = { kind: 'aks', group: 'rg-shop', cluster: 'aks-shop' } as const

const register = async ({ clients }: Job) => {
  for (const name of ['ContainerService', 'ManagedIdentity', 'KeyVault'])
    await clients.providers.register(`Microsoft.${name}`)
}

async function group(job: Job): Promise<void> {
  await register(job)
  await job.clients.groups.put('rg-shop', { location, tags: { team: 'shop' } })
}

const cluster = ({ sandbox }: Job) =>
  makeCluster(sandbox, 'rg-shop', 'aks-shop', { location, tags: { team: 'shop' } })

async function account(job: Job): Promise<void> {
  const kube = job.clients.kubernetes(aks)
  await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } })
  await kube.apply({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'checkout', namespace: 'shop' },
  })
  // As if another program had made them: what we applied is its own from now on.
  for (const { metadata } of Object.values(job.state.clusters).flatMap(({ objects }) =>
    Object.values(objects),
  ))
    if (metadata.name === 'shop' || metadata.name === 'checkout')
      for (const entry of metadata.managedFields ?? []) entry.manager = 'kubectl'
  await annotate(job.sandbox, 'shop', 'checkout', { 'example.com/team': 'shop' })
}

async function vault({ clients, settings }: Job, access: 'rbac' | 'policy'): Promise<void> {
  await clients.vaults.create('rg-shop', 'kv-shop', { location, tenantId: settings.tenant, access, tags: {} })
  const { objectId } = await clients.account.caller()
  const { id, uri } = (await clients.vaults.get('rg-shop', 'kv-shop'))!
  if (access === 'policy')
    await clients.vaults.addPolicy('rg-shop', 'kv-shop', {
      tenantId: settings.tenant,
      objectId,
      secrets: ['all'],
    })
  else
    await clients.roles.assign(id, 'b9f0b1f2-0000-4000-8000-000000000001', {
      role: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
      principalId: objectId,
      principalType: 'ServicePrincipal',
      description: 'given by hand',
    })
  await clients.secrets.put(uri, 'theirs', { value: 'x', tags: {} })
}

/** What may be there before: nothing, or more and more of it, by others. */
export const grounds: Record<string, Ground> = {
  'nothing there': { over: {}, lay: async () => ({}) },
  'nothing there; managed identity, policies': {
    over: { identityKind: 'managed', vaultAccess: 'policy', sample: false },
    lay: async () => ({}),
  },
  'an empty group of others': {
    over: {},
    async lay(job) {
      await group(job)
      return {}
    },
  },
  'a group and a cluster of others': {
    over: {},
    async lay(job) {
      await group(job)
      await cluster(job)
      return {}
    },
  },
  'a namespace, an account and a vault by policies, of others': {
    over: { identityKind: 'managed' },
    async lay(job) {
      await group(job)
      await cluster(job)
      await account(job)
      await vault(job, 'policy')
      return {}
    },
  },
  'a vault by roles and an application of others': {
    over: {},
    async lay(job) {
      await group(job)
      await vault(job, 'rbac')
      const { id, appId } = await makeApplication(job.sandbox, 'theirs')
      await job.clients.directory.createServicePrincipal({ clientId: appId, tags: [] })
      await job.clients.directory.putCredential(id, {
        name: 'theirs',
        issuer: 'https://issuer.example/',
        subject: 'repo:theirs',
        audience: 'api://AzureADTokenExchange',
      })
      return { identity: appId }
    },
  },
  'a managed identity of others': {
    over: { identityKind: 'managed' },
    async lay(job) {
      await group(job)
      await job.clients.identities.put('rg-shop', 'theirs', { location, tags: {} })
      return { identity: 'theirs' }
    },
  },
}

/** Others put something of theirs into each thing that is there by now; tells what must be there for good. */
export async function moveIn(job: Job): Promise<() => Promise<string[]>> {
  const { clients, settings } = job
  const theirs: [string, () => Promise<unknown>][] = []
  const add = async (name: string, make: () => Promise<unknown>, find: () => Promise<unknown>) => {
    await make()
    theirs.push([name, find])
  }
  if (await clients.groups.get('rg-shop')) {
    await clients.providers.register('Microsoft.ManagedIdentity')
    await add(
      'an identity in the group',
      () => clients.identities.put('rg-shop', 'id-theirs', { location, tags: {} }),
      () => clients.identities.get('rg-shop', 'id-theirs'),
    )
  }
  const found = await clients.vaults.get('rg-shop', 'kv-shop')
  if (found)
    await add(
      'a secret in the vault',
      async () => {
        job.state.vaults['kv-shop']!.secrets.theirs = structuredClone(theirSecret)
      },
      async () =>
        job.state.vaults['kv-shop']!.secrets.theirs?.deletedAt === undefined &&
        (await clients.vaults.get('rg-shop', 'kv-shop')),
    )
  const [kube] = Object.values(job.state.clusters)
  if (kube && (await clients.aksClusters.get('rg-shop', 'aks-shop'))?.state === 'Succeeded') {
    const api = clients.kubernetes(aks)
    const there = await api.get('Namespace', 'shop')
    const metadata = { name: 'theirs', namespace: there ? 'shop' : 'default' }
    await add(
      `a ConfigMap in ${metadata.namespace}`,
      () => api.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: 'b' } }),
      () => api.get('ConfigMap', 'theirs', metadata.namespace),
    )
    if (there && (await api.get('ServiceAccount', 'checkout', 'shop')))
      await add(
        'an annotation of the account',
        () => annotate(job.sandbox, 'shop', 'checkout', { 'example.com/theirs': 'yes' }),
        async () =>
          (await api.get('ServiceAccount', 'checkout', 'shop'))?.metadata.annotations?.['example.com/theirs'],
      )
  }
  const application =
    settings.identityKind === 'app' && (await clients.directory.application(settings.identity))
  if (application)
    await add(
      'a credential of the application',
      () =>
        clients.directory.putCredential(application.objectId, {
          name: 'theirs',
          issuer: 'https://issuer.example/',
          subject: 'repo:theirs',
          audience: 'api://AzureADTokenExchange',
        }),
      async () =>
        (await clients.directory.credentials(application.objectId)).find(({ name }) => name === 'theirs'),
    )
  return async () => {
    const lost: string[] = []
    for (const [name, find] of theirs) if (!(await find())) lost.push(name)
    return lost
  }
}

const theirSecret = {
  name: 'theirs',
  versions: [
    {
      version: '0'.repeat(32),
      value: 'x',
      tags: {},
      enabled: true,
      created: 1_700_000_000,
      updated: 1_700_000_000,
    },
  ],
}
