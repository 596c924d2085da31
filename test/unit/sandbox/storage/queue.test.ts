import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { manualClock } from '../../../support/arm-session.ts'
import { openStorage, type StorageCall, storageCode } from '../../../support/storage-session.ts'

const { clock, advance } = manualClock()
let storage: Awaited<ReturnType<typeof openStorage>>
let owner: string

const queue = (method: string, path: string, more: StorageCall = {}) =>
  storage.callStorage('queue', method, path, { as: owner, ...more })
const message = (text: string) => ({
  body: `<QueueMessage><MessageText>${text}</MessageText></QueueMessage>`,
})
const member = (body: string, name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1]
const mismatch = [403, 'AuthorizationPermissionMismatch']

before(async () => {
  storage = await openStorage({ clock })
  owner = (await storage.callerWith('queueContributor')).token
})
after(() => storage.sandbox.close())

test('a message is sent, peeked, received, hidden for a while and deleted', async () => {
  assert.equal((await queue('PUT', '/jobs')).status, 201)
  assert.equal((await queue('PUT', '/jobs')).status, 204)
  const empty = await queue('GET', '/jobs/messages?peekonly=true&numofmessages=1')
  assert.equal(empty.body, '\uFEFF<?xml version="1.0" encoding="utf-8"?><QueueMessagesList />')
  const sent = await queue('POST', '/jobs/messages', message('a &lt;b&gt; &amp; c'))
  assert.deepEqual([sent.status, member(sent.body, 'MessageText')], [201, undefined])
  const peeked = await queue('GET', '/jobs/messages?peekonly=true')
  assert.equal(member(peeked.body, 'MessageText'), 'a &lt;b&gt; &amp; c')
  assert.equal(member(peeked.body, 'PopReceipt'), undefined)
  const got = await queue('GET', '/jobs/messages?visibilitytimeout=10')
  assert.equal(member(got.body, 'DequeueCount'), '1')
  assert.match((await queue('GET', '/jobs/messages')).body, /<QueueMessagesList \/>$/)
  advance(11_000)
  const again = await queue('GET', '/jobs/messages')
  const [id, receipt] = [member(again.body, 'MessageId'), member(again.body, 'PopReceipt')]
  const wrong = await queue('DELETE', `/jobs/messages/${id}?popreceipt=x`)
  assert.deepEqual(storageCode(wrong), [400, 'PopReceiptMismatch'])
  const path = `/jobs/messages/${id}?popreceipt=${encodeURIComponent(receipt!)}`
  assert.equal((await queue('DELETE', path)).status, 204)
  assert.deepEqual(storageCode(await queue('DELETE', path)), [404, 'MessageNotFound'])
})

test('each role allows its operations only', async () => {
  await queue('PUT', '/roles')
  await queue('POST', '/roles/messages', message('x'))
  const outcomes = async (role: 'queueReader' | 'queueSender' | 'queueProcessor') => {
    const { token } = await storage.callerWith(role, '/queueServices/default/queues/roles')
    const status = async (method: string, path: string, body = {}) =>
      (await queue(method, path, { as: token, ...body })).status
    return [
      await status('GET', '/roles/messages?peekonly=true'),
      await status('POST', '/roles/messages', message('x')),
      await status('GET', '/roles/messages'),
    ]
  }
  assert.deepEqual(await outcomes('queueReader'), [200, 403, 403])
  assert.deepEqual(await outcomes('queueSender'), [403, 201, 403])
  assert.deepEqual(await outcomes('queueProcessor'), [200, 403, 200])
})

test('a role at another queue, or for blobs, does not count', async () => {
  const read = async (role: 'queueReader' | 'blobReader', part: string) => {
    const { token } = await storage.callerWith(role, part)
    return storageCode(await queue('GET', '/jobs/messages?peekonly=true', { as: token }))
  }
  assert.deepEqual(await read('queueReader', '/queueServices/default/queues/others'), mismatch)
  assert.deepEqual(await read('blobReader', ''), mismatch)
})

test('an absent queue is reported, and the name of a deleted one is not free at once', async () => {
  assert.deepEqual(storageCode(await queue('GET', '/none/messages?peekonly=true')), [404, 'QueueNotFound'])
  await queue('PUT', '/short')
  storage.sandbox.faults.lags.storageDelete = 30_000
  assert.equal((await queue('DELETE', '/short')).status, 204)
  assert.deepEqual(storageCode(await queue('PUT', '/short')), [409, 'QueueBeingDeleted'])
  assert.deepEqual(storageCode(await queue('GET', '/short?comp=metadata')), [404, 'QueueNotFound'])
  advance(30_000)
  assert.equal((await queue('PUT', '/short')).status, 201)
  storage.sandbox.faults.clear()
})

test('queues are listed, and an anonymous request is rejected', async () => {
  const names = [...(await queue('GET', '/?comp=list')).body.matchAll(/<Name>([^<]*)<\/Name>/g)]
  assert.deepEqual(
    names.map(([, name]) => name),
    ['jobs', 'roles', 'short'],
  )
  const anonymous = await queue('GET', '/jobs/messages?peekonly=true', { as: null })
  assert.deepEqual(storageCode(anonymous), [401, 'NoAuthenticationInformation'])
})

test('a message expires', async () => {
  await queue('PUT', '/expiring')
  await queue('POST', '/expiring/messages?messagettl=60', message('x'))
  advance(61_000)
  assert.match((await queue('GET', '/expiring/messages?peekonly=true')).body, /<QueueMessagesList \/>$/)
})
