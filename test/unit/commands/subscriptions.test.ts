import assert from 'node:assert/strict'
import { test } from 'node:test'
import { subscriptionsOf } from '../../../sandbox/arm/subscription-path.ts'
import { requirePermissions } from '../../../src/engine/permissions.ts'
import type { Settings } from '../../../src/settings/settings.ts'
import { actions, newTestRun } from '../../support/test-run.ts'

const groups = {
  clusterResourceGroup: 'rg-platform',
  identityResourceGroup: 'rg-ids',
  vaultResourceGroup: 'rg-secrets',
} as const

/** Connects to a sandbox with a subscription for each part, in which the parts' groups exist. */
async function newSplitRun(overrides: Partial<Settings> = {}) {
  const first = await newTestRun({}, { subscriptions: 4 })
  const [, cluster, identity, vault] = subscriptionsOf(first.state).map(({ id }) => id) as string[]
  const subscriptions = {
    clusterSubscription: cluster!,
    identitySubscription: identity!,
    vaultSubscription: vault!,
  }
  const job = await newTestRun(
    { identityKind: 'managed', identity: 'id-shop', ...groups, ...subscriptions, ...overrides },
    { sandbox: first.sandbox },
  )
  for (const [part, group] of Object.entries(groups)) {
    const id = subscriptions[part.replace('ResourceGroup', 'Subscription') as keyof typeof subscriptions]
    await job.clients.inSubscription(id).groups.put(group, { location: 'westeurope', tags: {} })
  }
  return { ...job, first, subscriptions }
}

const idsOf = ({ state }: Awaited<ReturnType<typeof newSplitRun>>) =>
  Object.values(state.arm.resources)
    .map(({ body }) => body.id.toLowerCase())
    .filter((id) => !id.includes('/mc_'))

test('cluster, identity and vault are created in three subscriptions, proven and deleted', async () => {
  const job = await newSplitRun()
  const { clusterSubscription, identitySubscription, vaultSubscription } = job.subscriptions
  // Of the same name and group as ours, but in the main subscription.
  const { groups: mainGroups, identities, providers } = job.clients
  await providers.register('Microsoft.ManagedIdentity')
  await mainGroups.put('rg-ids', { location: 'westeurope', tags: {} })
  await identities.put('rg-ids', 'id-shop', { location: 'westeurope', tags: { 'managed-by': 'wi-setup' } })
  const before = idsOf(job)
  assert.equal(before.length, 1)

  const { plan } = await job.apply()
  const planned = plan.items.find(({ id }) => id === 'providers')!
  assert.match(planned.note!, new RegExp(`Microsoft.KeyVault in subscription ${vaultSubscription}`))
  const places = idsOf(job).filter((id) => !before.includes(id))
  assert.deepEqual(
    places.sort(),
    [
      `/subscriptions/${clusterSubscription}/resourcegroups/rg-platform/providers/microsoft.containerservice/managedclusters/aks-shop`,
      `/subscriptions/${identitySubscription}/resourcegroups/rg-ids/providers/microsoft.managedidentity/userassignedidentities/id-shop`,
      `/subscriptions/${vaultSubscription}/resourcegroups/rg-secrets/providers/microsoft.keyvault/vaults/kv-shop`,
    ].sort(),
  )
  assert.deepEqual(await job.failedCodes(), [])
  assert.equal((await job.apply()).writes, 0)

  await job.destroy()
  assert.deepEqual(idsOf(job), before)
  const groupsLeft = Object.keys(job.state.arm.groups).map((id) => id.split('/').at(-1))
  assert.deepEqual(groupsLeft.sort(), ['rg-ids', 'rg-ids', 'rg-platform', 'rg-secrets'])
})

test('an identity and a vault in other subscriptions are found without settings', async () => {
  const job = await newSplitRun({ clusterSubscription: undefined! })
  const settings = { ...job.settings, clusterSubscription: job.settings.subscription }
  const split = await newTestRun({ ...settings, clusterResourceGroup: 'rg-shop' }, { sandbox: job.sandbox })
  await split.apply()
  const plain = await newTestRun({ identity: 'id-unknown' }, { sandbox: job.sandbox })
  const results = await plain.verify()
  const found = (code: string) => results.find((each) => each.code === code)
  assert.deepEqual(await plain.failedCodes(), [])
  assert.match(found('WI110')!.detail!, /the managed identity id-shop/)
  assert.match(
    found('WI506')!.detail!,
    new RegExp(`rg-secrets of subscription ${settings.vaultSubscription}$`),
  )
  const vaultRun = await newTestRun({ identityKind: 'managed' }, { sandbox: job.sandbox })
  await assert.rejects(vaultRun.plan(), (error: Error & { remedy: never }) => {
    assert.match(error.message, /kv-shop is in the resource group rg-secrets in subscription/)
    assert.match(
      job.run.print(error.remedy),
      new RegExp(
        `^Pass --vault-resource-group rg-secrets --vault-subscription ${settings.vaultSubscription},`,
      ),
    )
    return true
  })
})

test('a missing group is named with its subscription, and az creates it there', async () => {
  const job = await newSplitRun({ vaultResourceGroup: 'rg-missing' })
  await assert.rejects(job.plan(), (error: Error & { remedy: Parameters<typeof job.run.print>[0] }) => {
    const { vaultSubscription } = job.subscriptions
    assert.match(error.message, new RegExp(`rg-missing does not exist in subscription ${vaultSubscription}`))
    assert.match(
      job.run.print(error.remedy),
      new RegExp(`az group create --name rg-missing --location … --subscription ${vaultSubscription},`),
    )
    return true
  })
})

test('missing permissions are named for the subscription that lacks them', async () => {
  const job = await newSplitRun()
  const { vaultSubscription, clusterSubscription } = job.subscriptions
  for (const assignment of Object.values(job.state.arm.roleAssignments))
    if ([vaultSubscription, clusterSubscription].some((id) => assignment.scope.endsWith(id!)))
      assignment.roleDefinitionId = assignment.roleDefinitionId.replace(
        /[^/]+$/,
        'acdd72a7-3385-48ef-bd42-f606fba81ae7',
      )
  const plan = await job.plan()
  assert.equal(actions(plan).vault, 'create')
  await assert.rejects(requirePermissions(job.steps, plan, job.run), (error: Error & { remedy: never }) => {
    assert.match(error.message, new RegExp(`vaults/write in rg-secrets of subscription ${vaultSubscription}`))
    assert.doesNotMatch(error.message, /userAssignedIdentities/)
    assert.match(
      job.run.print(error.remedy),
      new RegExp(
        `--role Contributor --scope /subscriptions/${clusterSubscription}( .*)? && .*--role Owner --scope /subscriptions/${vaultSubscription}`,
      ),
    )
    return true
  })
})
