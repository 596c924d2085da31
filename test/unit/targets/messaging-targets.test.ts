import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { mintAccessToken } from '../../../sandbox/entra/access-tokens.ts'
import type { AzureResource } from '../../../src/clients/resources.ts'
import { parseGrant } from '../../../src/targets/parse-grant.ts'
import { prove } from '../../../src/targets/prove.ts'
import { refusalCause } from '../../../src/targets/refusals.ts'
import { openMessaging } from '../../support/messaging-session.ts'
import { connectTo } from '../../support/sandbox.ts'

const arm = await openMessaging()
after(() => arm.sandbox.close())
const { cloud, clients, signal } = await connectTo(arm.sandbox)

const idOf = (name: string) => (name === 'servicebus' ? arm.bus : arm.hubs)

/** Proves a grant as a new principal, which has the grant's role if `assigned`. Returns what is shown, or the cause. */
async function outcome(text: string, { assigned = true, audience = '' } = {}): Promise<unknown> {
  const grant = parseGrant(text)
  const { target, entity, role } = grant
  const { principal } = await arm.newPrincipal()
  const resource = (await clients.resources.get(idOf(target.name), target.apiVersion)) as AzureResource
  if (assigned) await arm.assign(target.scope(idOf(target.name), entity), role.id, principal.id)
  const token = async (scope: string) => {
    const resource = audience || scope.replace('/.default', '')
    return (await mintAccessToken(arm.simulator, { principal, audience: resource, proof: 'certificate' }))
      .token
  }
  try {
    const workload = { name: 'id-shop' }
    return await prove({ cloud, dataPlane: clients.dataPlane, signal, token, workload }, grant, resource)
  } catch (error) {
    return refusalCause(target, error)
  }
}

const cases: [grant: string, shown: string][] = [
  ['servicebus:sb-orders/queue/orders', 'peeks at its messages (there are none)'],
  ['servicebus:sb-orders/queue/orders=sender', 'may send to it (nothing was sent)'],
  ['servicebus:sb-orders/queue/orders=owner', 'peeks at its messages (there are none)'],
  ['servicebus:sb-orders/topic/news=sender', 'may send to it (nothing was sent)'],
  ['servicebus:sb-orders/topic/news/subscription/all=receiver', 'peeks at its messages (there are none)'],
  ['eventhub:eh-clicks/clicks', 'reads its 2 partitions'],
  ['eventhub:eh-clicks/clicks=sender', 'may send to it (nothing was sent)'],
  ['eventhub:eh-clicks/clicks=owner', 'reads its 2 partitions'],
]

for (const [grant, shown] of cases)
  test(`${grant} is proven with its role, and not without`, async () => {
    assert.equal(await outcome(grant), shown)
    assert.equal(await outcome(grant, { assigned: false }), 'role')
    const { role } = parseGrant(grant)
    const path = `/providers/Microsoft.Authorization/roleDefinitions/${role.id}?api-version=2022-04-01`
    const { body } = await arm.call('GET', path)
    assert.equal(body.properties.roleName, role.name)
  })

test('a grant without a harmless read is not proven, and says why', async () => {
  for (const grant of [
    'servicebus:sb-orders',
    'servicebus:sb-orders=sender',
    'servicebus:sb-orders/topic/news=receiver',
    'servicebus:sb-orders/topic/news/subscription/all=sender',
    'eventhub:eh-clicks=owner',
  ])
    assert.equal(await outcome(grant), undefined, grant)
})

test('an absent entity, a token for another service and the firewall are told apart from roles', async () => {
  const queue = 'servicebus:sb-orders/queue/orders'
  assert.equal(await outcome('servicebus:sb-orders/queue/none', { assigned: false }), 'entity')
  assert.equal(await outcome('eventhub:eh-clicks/none=sender', { assigned: false }), 'entity')
  assert.equal(await outcome(queue, { audience: 'https://vault.azure.net' }), 'token')
  await arm.put(`${arm.bus}/networkRuleSets/default`, { properties: { defaultAction: 'Deny' } })
  assert.equal(await outcome(queue), 'network')
})

for (const text of [
  'servicebus:sb-orders/orders',
  'servicebus:sb-orders/queue/',
  'servicebus:sb-orders/queue/a/subscription/b',
  'servicebus:sb/queue/orders',
  'servicebus:sb-orders=reader',
  'eventhub:eh-clicks/a/b',
  'eventhub:eh-clicks/',
])
  test(`${text} is rejected`, () => {
    assert.throws(() => parseGrant(text), /has an invalid (name|Service Bus namespace)|has an unknown role/)
  })
