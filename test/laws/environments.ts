import type { Settings } from '../../src/settings/settings.ts'
import { annotate, makeApplication, makeCluster } from '../support/external-changes.ts'
import type { newTestRun } from '../support/test-run.ts'

export type TestRun = Awaited<ReturnType<typeof newTestRun>>

export interface Environment {
  overrides: Partial<Settings>
  /** Creates what exists before wi-setup runs. Returns settings that are only known then. */
  prepare(testRun: TestRun): Promise<Partial<Settings>>
}

const location = 'westeurope'
const aks = { kind: 'aks', group: 'rg-shop', cluster: 'aks-shop' } as const

const register = async ({ clients }: TestRun) => {
  for (const name of ['ContainerService', 'ManagedIdentity', 'KeyVault'])
    await clients.providers.register(`Microsoft.${name}`)
}

async function group(testRun: TestRun): Promise<void> {
  await register(testRun)
  await testRun.clients.groups.put('rg-shop', { location, tags: { team: 'shop' } })
}

const cluster = ({ sandbox }: TestRun) =>
  makeCluster(sandbox, 'rg-shop', 'aks-shop', { location, tags: { team: 'shop' } })

async function account(testRun: TestRun): Promise<void> {
  const kube = testRun.clients.kubernetes(aks)
  await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } })
  await kube.apply({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'checkout', namespace: 'shop' },
  })
  // As if another program had created them: it becomes the owner of the fields.
  for (const { metadata } of Object.values(testRun.state.clusters).flatMap(({ objects }) =>
    Object.values(objects),
  ))
    if (metadata.name === 'shop' || metadata.name === 'checkout')
      for (const entry of metadata.managedFields ?? []) entry.manager = 'kubectl'
  await annotate(testRun.sandbox, 'shop', 'checkout', { 'example.com/team': 'shop' })
}

async function vault({ clients, settings }: TestRun, access: 'rbac' | 'policy'): Promise<void> {
  await clients.vaults.create('rg-shop', 'kv-shop', { location, tenantId: settings.tenant, access, tags: {} })
  const { objectId } = await clients.azureAccount.caller()
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
      description: 'assigned manually',
    })
  await clients.secrets.put(uri, 'theirs', { value: 'x', tags: {} })
}

/** What may exist before a set-up, created by others. */
export const environments: Record<string, Environment> = {
  empty: { overrides: {}, prepare: async () => ({}) },
  'empty; managed identity, access policies': {
    overrides: { identityKind: 'managed', vaultAccess: 'policy', sample: false },
    prepare: async () => ({}),
  },
  'existing group': {
    overrides: {},
    async prepare(testRun) {
      await group(testRun)
      return {}
    },
  },
  'existing group and cluster': {
    overrides: {},
    async prepare(testRun) {
      await group(testRun)
      await cluster(testRun)
      return {}
    },
  },
  'existing namespace, service account and vault with access policies': {
    overrides: { identityKind: 'managed' },
    async prepare(testRun) {
      await group(testRun)
      await cluster(testRun)
      await account(testRun)
      await vault(testRun, 'policy')
      return {}
    },
  },
  'existing vault with Azure RBAC and application': {
    overrides: {},
    async prepare(testRun) {
      await group(testRun)
      await vault(testRun, 'rbac')
      const { id, appId } = await makeApplication(testRun.sandbox, 'theirs')
      await testRun.clients.directory.createServicePrincipal({ clientId: appId, tags: [] })
      await testRun.clients.directory.putCredential(id, {
        name: 'theirs',
        issuer: 'https://issuer.example/',
        subject: 'repo:theirs',
        audience: 'api://AzureADTokenExchange',
      })
      return { identity: appId }
    },
  },
  'existing managed identity': {
    overrides: { identityKind: 'managed' },
    async prepare(testRun) {
      await group(testRun)
      await testRun.clients.identities.put('rg-shop', 'theirs', { location, tags: {} })
      return { identity: 'theirs' }
    },
  },
}

/** Adds resources of others to everything that exists. Returns a function that lists those that were lost. */
export async function addForeignResources(testRun: TestRun): Promise<() => Promise<string[]>> {
  const { clients, settings } = testRun
  const added: [string, () => Promise<unknown>][] = []
  const add = async (name: string, make: () => Promise<unknown>, find: () => Promise<unknown>) => {
    await make()
    added.push([name, find])
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
        testRun.state.vaults['kv-shop']!.secrets.theirs = structuredClone(theirSecret)
      },
      async () =>
        testRun.state.vaults['kv-shop']!.secrets.theirs?.deletedAt === undefined &&
        (await clients.vaults.get('rg-shop', 'kv-shop')),
    )
  const [kube] = Object.values(testRun.state.clusters)
  if (kube && (await clients.aksClusters.get('rg-shop', 'aks-shop'))?.state === 'Succeeded') {
    const api = clients.kubernetes(aks)
    const namespace = await api.get('Namespace', 'shop')
    const metadata = { name: 'theirs', namespace: namespace ? 'shop' : 'default' }
    await add(
      `a ConfigMap in ${metadata.namespace}`,
      () => api.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: 'b' } }),
      () => api.get('ConfigMap', 'theirs', metadata.namespace),
    )
    if (namespace && (await api.get('ServiceAccount', 'checkout', 'shop')))
      await add(
        'an annotation of the account',
        () => annotate(testRun.sandbox, 'shop', 'checkout', { 'example.com/theirs': 'yes' }),
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
    for (const [name, find] of added) if (!(await find())) lost.push(name)
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
