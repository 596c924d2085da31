import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { mintAccessToken } from '../../../sandbox/entra/access-tokens.ts'
import type { MessagingRequest } from '../../../src/clients/data-plane.ts'
import { ServiceError } from '../../../src/clients/service-error.ts'
import { isUnavailable } from '../../../src/clients/unavailable.ts'
import { retryRule } from '../../../src/engine/retry-rules.ts'
import { openMessaging } from '../../support/messaging-session.ts'
import { connectTo } from '../../support/sandbox.ts'

const arm = await openMessaging()
const { bus, hubs, put } = arm
after(() => arm.sandbox.close())
const { clients } = await connectTo(arm.sandbox)
let assignments: string[] = []
let principal: Awaited<ReturnType<typeof arm.newPrincipal>>['principal']

const roles = {
  sender: '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39',
  receiver: '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0',
  hubReceiver: 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde',
  hubSender: '2b629674-e913-4c01-ae53-ef4638d8f975',
  contributor: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
}

before(async () => {
  ;({ principal } = await arm.newPrincipal())
})

beforeEach(async () => {
  for (const id of assignments) await arm.call('DELETE', id)
  assignments = []
  arm.state.messaging = {}
  await put(`${bus}/networkRuleSets/default`, { properties: { publicNetworkAccess: 'Enabled' } })
})

const grant = async (scope: string, role: keyof typeof roles) =>
  assignments.push(await arm.assign(scope, roles[role], principal.id))

const audiences = { servicebus: 'https://servicebus.azure.net', eventhub: 'https://eventhubs.azure.net' }

/** Returns what the workload reads, or `condition: description` of the refusal. */
async function probe(
  entity: string,
  operation: MessagingRequest['operation'] = 'peek',
  options: { audience?: string; tenant?: string; endpoint?: string } = {},
): Promise<number | string> {
  const service = operation === 'read' || entity === 'clicks' ? 'eventhub' : 'servicebus'
  const { body } = await arm.call('GET', service === 'eventhub' ? hubs : bus)
  const { token } = await mintAccessToken(arm.simulator, {
    principal,
    audience: options.audience ?? audiences[service],
    proof: 'certificate',
  })
  const endpoint = options.endpoint ?? body.properties.serviceBusEndpoint
  return clients.dataPlane.probe({ service, endpoint, entity, operation }, token).catch((error) => {
    assert.ok(error instanceof ServiceError, String(error.stack))
    return `${error.code}: ${error.message}`
  })
}

const claim = (name: string, path: string) =>
  new RegExp(
    `^amqp:unauthorized-access: Unauthorized access\\. '${name}' claim\\(s\\) are required to perform this operation\\. Resource: 'sb://\\S+\\.servicebus\\.localhost/${path}'\\. TrackingId:`,
  )

test('a receiver peeks at a queue and at a subscription, and takes no message', async () => {
  await grant(`${bus}/queues/orders`, 'receiver')
  await grant(`${bus}/topics/news/subscriptions/all`, 'receiver')
  assert.equal(await probe('orders'), 0)
  assert.equal(await probe('news/Subscriptions/all'), 0)
  const messages = [{ sequence: 1, enqueuedAt: 0, content: 'AFN3oQFh', deliveries: 0 }]
  arm.state.messaging[bus.toLowerCase()] = { orders: { lastSequence: 1, messages } }
  assert.deepEqual([await probe('orders'), await probe('orders')], [1, 1])
  assert.deepEqual(messages[0]?.deliveries, 0)
})

test('a role reaches no further than its scope and its rights', async () => {
  assert.match(String(await probe('orders')), claim('Listen', 'orders'))
  await grant(bus, 'contributor')
  assert.match(String(await probe('orders')), claim('Listen', 'orders'), 'Contributor reads no data')
  await grant(`${bus}/queues/orders`, 'sender')
  assert.match(String(await probe('orders')), claim('Listen', 'orders'))
  assert.equal(await probe('orders', 'attach'), 0)
  assert.match(String(await probe('other', 'attach')), claim('Send', 'other'))
  await grant(`${bus}/topics/news/subscriptions/all`, 'receiver')
  assert.match(String(await probe('news', 'attach')), claim('Send', 'news'))
  await grant(arm.group, 'receiver')
  assert.equal(await probe('other'), 0, 'the group contains the namespace')
})

test('an event hub is read and sent to with its own roles', async () => {
  assert.match(String(await probe('clicks', 'read')), claim('Listen', 'clicks'))
  await grant(`${hubs}/eventhubs/clicks`, 'hubSender')
  assert.equal(await probe('clicks', 'attach'), 0)
  await grant(hubs, 'hubReceiver')
  assert.equal(await probe('clicks', 'read'), 2)
})

test('tokens of another audience or tenant are rejected, and the double slash makes no difference', async () => {
  await grant(bus, 'receiver')
  assert.equal(await probe('orders', 'peek', { audience: 'https://servicebus.azure.net/' }), 0)
  for (const audience of ['https://vault.azure.net', 'https://eventhubs.azure.net'])
    assert.match(String(await probe('orders', 'peek', { audience })), /access: InvalidAudience: /)
  const own = arm.state.tenant.id
  arm.state.tenant.id = crypto.randomUUID()
  const token = await mintAccessToken(arm.simulator, {
    principal,
    audience: audiences.servicebus,
    proof: 'secret',
  }).finally(() => {
    arm.state.tenant.id = own
  })
  const { body } = await arm.call('GET', bus)
  const request = {
    service: 'servicebus',
    endpoint: body.properties.serviceBusEndpoint,
    entity: 'orders',
    operation: 'peek',
  } as const
  await assert.rejects(clients.dataPlane.probe(request, token.token), /InvalidIssuer: /)
  await assert.rejects(
    clients.dataPlane.probe(request, 'SharedAccessSignature sr=x&sig=x&se=1&skn=x'),
    /InvalidSignature: /,
  )
  await arm.call('PATCH', bus, { properties: { disableLocalAuth: true } })
  await assert.rejects(
    clients.dataPlane.probe(request, 'SharedAccessSignature sr=x&sig=x&se=1&skn=x'),
    /LocalAuthDisabled: /,
  )
})

test('what does not exist is not found, whatever the role', async () => {
  for (const missing of ['nothing', 'news/Subscriptions/none'])
    assert.match(
      String(await probe(missing)),
      /^amqp:not-found: The messaging entity 'sb:\/\/.*could not be found/,
    )
  assert.match(String(await probe('nothing', 'read')), /^amqp:not-found: /)
})

test('the firewall is checked before the token', async () => {
  await grant(bus, 'receiver')
  const rules = (properties: object) => put(`${bus}/networkRuleSets/default`, { properties })
  await rules({ defaultAction: 'Deny', ipRules: [{ ipMask: '203.0.113.0/24' }] })
  const blocked = /^amqp:unauthorized-access: Ip has been prevented to connect to the endpoint/
  assert.match(String(await probe('orders')), blocked)
  await rules({ defaultAction: 'Deny', ipRules: [{ ipMask: '127.0.0.1' }] })
  assert.equal(await probe('orders'), 0)
  await rules({ defaultAction: 'Allow', publicNetworkAccess: 'Disabled' })
  assert.match(String(await probe('orders')), blocked)
})

test('the token is sent to namespaces of the cloud only', async () => {
  const endpoint = 'https://orders.servicebus.windows.net:443/'
  assert.match(String(await probe('orders', 'peek', { endpoint })), /^TokenNotForHost: /)
  assert.match(String(await probe('orders', 'peek', { endpoint: 'no URL' })), /^TokenNotForHost: /)
})

test('a namespace that is gone is unreachable, and so is one that breaks the connection', async () => {
  const gone = `https://gone.${arm.simulator.hostSuffix('servicebus')}/`
  assert.match(
    String(await probe('orders', 'peek', { endpoint: gone })),
    /gone\.servicebus\.localhost:\d+ is unreachable/,
  )
  await grant(bus, 'receiver')
  arm.sandbox.faults.add({ fault: 'cut-before', role: 'messaging', times: 1 })
  assert.equal(await probe('orders'), 0, 'tried again')
  arm.sandbox.faults.add({ fault: 'cut-before', role: 'messaging', times: 3 })
  assert.match(String(await probe('orders')), /is unreachable: /)
})

test('a namespace that is throttling or failing is asked again, and then reported with its status', async () => {
  await grant(bus, 'receiver')
  for (const fault of ['429', '502'] as const) {
    arm.sandbox.faults.add({ fault, role: 'messaging' })
    assert.equal(await probe('orders'), 0, fault)
    arm.sandbox.faults.clear()
  }
  for (const fault of ['429', '503'] as const) {
    arm.sandbox.faults.add({ fault, role: 'messaging', times: 3 })
    const { body } = await arm.call('GET', bus)
    const request = { service: 'servicebus', entity: 'orders', operation: 'peek' } as const
    const endpoint = body.properties.serviceBusEndpoint
    await assert.rejects(clients.dataPlane.probe({ ...request, endpoint }, 'x'), (error) => {
      assert.ok(error instanceof ServiceError)
      assert.equal(error.status, Number(fault))
      assert.ok(isUnavailable(error) && retryRule(error), 'worth waiting for')
      return true
    })
    arm.sandbox.faults.clear()
  }
})
