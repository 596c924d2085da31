import assert from 'node:assert/strict'
import { test } from 'node:test'
import { subscriptionsOf } from '../../../../sandbox/arm/subscription-path.ts'
import type { Clients } from '../../../../src/clients/clients.ts'
import type { Session } from '../../../../src/session/session.ts'
import { askCluster } from '../../../../src/session/wizard/cluster.ts'
import { askIdentity } from '../../../../src/session/wizard/identity.ts'
import { askVault } from '../../../../src/session/wizard/vault.ts'
import type { KnownSettings } from '../../../../src/settings/settings.ts'
import { valuesOf } from '../../../../src/settings/settings.ts'
import type { Prompter } from '../../../../src/ui/prompts.ts'
import { newTestRun } from '../../../support/test-run.ts'

const tags = {}
const location = 'westeurope'

/** The fourth subscription has cluster, identity and vault of a platform team. */
async function platform() {
  const { clients, state, sandbox } = await newTestRun({}, { subscriptions: 4 })
  const subscriptions = subscriptionsOf(state).map(({ id, displayName: name }) => ({
    id,
    name,
    tenantId: state.tenant.id,
    state: 'Enabled',
  }))
  const last = subscriptions.at(-1)!
  const there = await newTestRun(
    {
      identityKind: 'managed',
      identity: 'id-platform',
      clusterResourceGroup: 'rg-platform',
      vaultResourceGroup: 'rg-platform',
      identityResourceGroup: 'rg-ids',
      clusterSubscription: last.id,
      vaultSubscription: last.id,
      identitySubscription: last.id,
    },
    { sandbox },
  )
  for (const group of ['rg-platform', 'rg-ids'])
    await clients.inSubscription(last.id).groups.put(group, { location, tags })
  await there.apply()
  return { clients, subscriptions, last, main: subscriptions[0]! }
}

interface Question {
  message: string
  choices: readonly { name: string; description?: string }[]
}

/** Chooses what contains the answer, and records the questions. */
function prompter(answers: Record<string, string>, asked: Question[]): Prompter {
  const answer = (message: string) => {
    const text = answers[message]
    assert.ok(text !== undefined, `unexpected question ${message}`)
    return text
  }
  return {
    select: async ({ message, choices }) => {
      asked.push({ message, choices })
      const chosen = choices.find(({ name }) => name.includes(answer(message)))
      assert.ok(chosen, `${message}: ${choices.map(({ name }) => name)}`)
      return chosen.value
    },
    input: async ({ message }) => {
      asked.push({ message, choices: [] })
      return answer(message)
    },
    password: async () => '',
    confirm: async () => true,
  }
}

const platformTeam = await platform()

/** Returns a session as `openSession` opens it: with one subscription that is set, or several without a choice. */
function newSession(known: KnownSettings, subscription: string | undefined): Session {
  const { clients, subscriptions } = platformTeam
  const session = {
    clients: clients as Clients,
    known,
    found: subscription === undefined ? {} : { subscription },
    subscriptions: subscription === undefined ? subscriptions : [],
    contexts: async () => [],
    useSubscription({ id, tenantId }: { id: string; tenantId: string }) {
      Object.assign(session.found, { subscription: id, tenant: tenantId })
    },
  }
  return session as unknown as Session
}

const flag = (value: string) => ({ value, source: 'flag', from: 'flag' }) as const
const placeIn = (asked: Question[], message: string, name: string) =>
  asked.find((each) => each.message === message)!.choices.find((each) => each.name.includes(name))!
    .description

test('a cluster determines the subscription, so that it is not asked for', async () => {
  const session = newSession({}, undefined)
  const asked: Question[] = []
  await askCluster(session, prompter({ Cluster: 'aks-shop' }, asked))
  assert.deepEqual(
    asked.map(({ message }) => message),
    ['Cluster'],
  )
  assert.equal(session.found.subscription, platformTeam.last.id)
  const { cluster, resourceGroup, clusterResourceGroup, clusterSubscription } = valuesOf(session.known)
  assert.deepEqual(
    [cluster, resourceGroup, clusterResourceGroup, clusterSubscription],
    ['aks-shop', 'rg-platform', 'rg-platform', undefined],
  )
})

test('a new cluster asks for the subscription first', async () => {
  const session = newSession({ location: flag(location) }, undefined)
  const asked: Question[] = []
  const answers = {
    Cluster: 'new AKS',
    Subscription: platformTeam.main.name,
    'Resource group': 'new resource group',
    'New resource group': 'rg-a',
    'New cluster': 'aks-a',
  }
  await askCluster(session, prompter(answers, asked))
  assert.deepEqual(
    asked.map(({ message }) => message),
    Object.keys(answers),
  )
  assert.equal(session.found.subscription, platformTeam.main.id)
})

test('cluster, identity and vault of other subscriptions are offered, and saved with their place', async () => {
  const { main, last } = platformTeam
  const session = newSession({ resourceGroup: flag('rg-own'), namespace: flag('own') }, main.id)
  const asked: Question[] = []
  const answers = { Cluster: 'aks-shop', Identity: 'id-platform', Vault: 'kv-shop' }
  await askCluster(session, prompter(answers, asked))
  await askIdentity(session, prompter(answers, asked))
  await askVault(session, prompter(answers, asked))
  assert.deepEqual(
    asked.map(({ message }) => message),
    ['Cluster', 'Identity', 'Vault'],
  )
  assert.match(placeIn(asked, 'Cluster', 'aks-shop')!, new RegExp(`^rg-platform of ${last.name}, `))
  assert.equal(placeIn(asked, 'Identity', 'id-platform'), `exists in rg-ids of ${last.name}`)
  assert.match(placeIn(asked, 'Vault', 'kv-shop')!, new RegExp(`^rg-platform of ${last.name}, `))
  const { resourceGroup, ...values } = valuesOf(session.known)
  assert.equal(resourceGroup, 'rg-own')
  assert.deepEqual(values, {
    namespace: 'own',
    cluster: 'aks-shop',
    clusterResourceGroup: 'rg-platform',
    clusterSubscription: last.id,
    identityKind: 'managed',
    identity: 'id-platform',
    identityResourceGroup: 'rg-ids',
    identitySubscription: last.id,
    vault: 'kv-shop',
    vaultResourceGroup: 'rg-platform',
    vaultSubscription: last.id,
  })
})

test('a new vault is in the main subscription, whatever the file says', async () => {
  const { main, last } = platformTeam
  const file = { value: last.id, source: 'file', from: 'wi-setup.yaml' } as const
  const session = newSession({ vaultSubscription: file, namespace: flag('own') }, main.id)
  await askVault(session, prompter({ Vault: 'new vault', 'New vault': 'kv-own' }, []))
  assert.equal(valuesOf(session.known).vaultSubscription, undefined)
})

test('a subscription that is set by a flag is the only one that is listed', async () => {
  const { main } = platformTeam
  const session = newSession({ vaultSubscription: flag(main.id), namespace: flag('own') }, main.id)
  const asked: Question[] = []
  await askVault(session, prompter({ 'New vault': 'kv-own' }, asked))
  assert.deepEqual(
    asked.map(({ message }) => message),
    ['New vault'],
  )
})
