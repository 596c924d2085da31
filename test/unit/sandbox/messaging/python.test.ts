import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openMessaging } from '../../../support/messaging-session.ts'
import { openPythonWorkload, withoutPackages } from '../../../support/python/python-sdks.ts'

// The official SDKs for Python, with the token of a pod.

const arm = await openMessaging()
const { bus, hubs } = arm
after(() => arm.sandbox.close())
let python: Awaited<ReturnType<typeof openPythonWorkload>>
after(() => python?.close())
const skip = withoutPackages('azure.identity', 'azure.servicebus', 'azure.eventhub', 'websocket')

before(async () => {
  if (!skip) python = await openPythonWorkload(arm)
})

const run = async (...actions: string[]) => {
  const endpoints = await Promise.all([bus, hubs].map((id) => arm.call('GET', id)))
  const [serviceBus, eventHub] = endpoints.map(({ body }) => body.properties.serviceBusEndpoint)
  return python.run('use-messaging.py', JSON.stringify({ serviceBus, eventHub, do: actions }))
}

const grant = (scope: string, role: string) => arm.assign(scope, role, python.principalId)

test('without a role, the SDKs for Python are refused', { skip }, async () => {
  const results = await run('send_queue', 'peek_queue', 'read_hub')
  const [send, peek, read] = [results.send_queue, results.peek_queue, results.read_hub]
  assert.deepEqual([send[1], peek[1]], ['ServiceBusAuthorizationError', 'ServiceBusAuthorizationError'])
  assert.match(send[2], /'Send' claim\(s\) are required .* 'sb:\/\/sb-orders\.servicebus\.localhost\/orders'/)
  assert.match(peek[2], /'Listen' claim\(s\) are required/)
  // The SDK looks for the description under another name than that of the service.
  assert.match(read[2], /Status code: 401/)
})

test('with roles, the SDKs for Python send, peek, receive, settle and read', { skip }, async () => {
  await grant(bus, '090c5cfd-751d-490a-894a-3ce6f1109419')
  await grant(hubs, 'f526a384-b230-433a-b45c-95f59c4a2dec')
  const actions = [
    'send_queue',
    'peek_queue',
    'receive_queue',
    'use_topic',
    'read_hub',
    'send_events',
    'receive_events',
  ]
  assert.deepEqual(await run(...actions), {
    send_queue: 'sent',
    peek_queue: [
      ['one', 1],
      ['two', 2],
      ['three', 3],
      ['four', 4],
    ],
    // The first is completed, the second abandoned and delivered again, the third a dead letter.
    receive_queue: [
      ['one', { size: 7 }, 0],
      [
        ['two', 1],
        ['four', 0],
      ],
      ['three'],
    ],
    use_topic: ['hello'],
    read_hub: ['clicks', ['0', '1'], true],
    send_events: 'sent',
    receive_events: [
      ['click', 1],
      ['clack', 2],
    ],
  })
})
