import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openArm } from '../../../support/arm-session.ts'

let arm: Awaited<ReturnType<typeof openArm>>

before(async () => {
  arm = await openArm()
})
after(() => arm.sandbox.close())

const lockAt = (scope: string, name = 'keep') => `${scope}/providers/Microsoft.Authorization/locks/${name}`

test('a lock is created, read, listed from above and below, and deleted', async () => {
  const { subscription, call } = arm
  const group = `${subscription}/resourceGroups/listed`
  await call('PUT', group, { location: 'westeurope' })
  const invalid = await call('PUT', lockAt(group), { properties: { level: 'Frozen' } })
  assert.deepEqual([invalid.status, invalid.body.error.code], [400, 'InvalidRequestContent'])
  const properties = { level: 'CanNotDelete', notes: 'owned by platform' }
  const created = await call('PUT', lockAt(group), { properties })
  assert.deepEqual([created.status, created.body.name, created.body.properties], [201, 'keep', properties])
  assert.equal((await call('PUT', lockAt(group), { properties })).status, 200)
  assert.equal((await call('GET', lockAt(group))).body.id, lockAt(group))
  for (const scope of [subscription, group]) {
    const { body } = await call('GET', `${scope}/providers/Microsoft.Authorization/locks`)
    assert.deepEqual(
      body.value.map((each: { id: string }) => each.id),
      [lockAt(group)],
      scope,
    )
  }
  assert.equal((await call('DELETE', lockAt(group))).status, 200)
  assert.equal((await call('DELETE', lockAt(group))).status, 204)
  assert.equal((await call('GET', lockAt(group))).status, 404)
})

test('CanNotDelete forbids deleting the scope and what is in it, and what contains it', async () => {
  const { subscription, providers, group, call } = arm
  const identity = `${providers}/Microsoft.ManagedIdentity/userAssignedIdentities/locked`
  await call('POST', `${subscription}/providers/Microsoft.ManagedIdentity/register`)
  await call('PUT', group, { location: 'westeurope' })
  await call('PUT', identity, { location: 'westeurope' })
  await call('PUT', lockAt(identity), { properties: { level: 'CanNotDelete' } })
  for (const path of [identity, `${identity}/federatedIdentityCredentials/x`, group]) {
    const { status, body } = await call('DELETE', path)
    assert.deepEqual(
      [status, body.error],
      [
        409,
        {
          code: 'ScopeLocked',
          message: `The scope '${path}' cannot perform delete operation because following scope(s) are locked: '${identity}'. Please remove the lock and try again.`,
        },
      ],
    )
  }
  assert.equal((await call('PATCH', identity, { tags: { a: 'b' } })).status, 200)
  await call('PUT', lockAt(identity), { properties: { level: 'ReadOnly' } })
  const { status, body } = await call('PATCH', identity, { tags: {} })
  assert.deepEqual([status, body.error.code], [409, 'ScopeLocked'])
  assert.match(body.error.message, /cannot perform write operation/)
  await call('DELETE', lockAt(identity))
  assert.equal((await call('DELETE', identity)).status, 200)
})
