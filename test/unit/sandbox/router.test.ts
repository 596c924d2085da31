import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRouter } from '../../../sandbox/router.ts'

const find = createRouter([
  { method: 'GET', path: '/secrets/:name' },
  { method: 'DELETE', path: '/secrets/:name' },
  { method: 'GET', path: ':scope*/providers/Microsoft.Authorization/locks' },
])

test('a parameter matches one segment and is decoded', () => {
  assert.deepEqual(find('GET', '/secrets/a%20b'), {
    route: { method: 'GET', path: '/secrets/:name' },
    params: { name: 'a b' },
  })
  assert.deepEqual(find('GET', '/secrets/a/b'), { allowed: [] })
})

test('a parameter with * matches any text, or none', () => {
  for (const scope of ['', '/subscriptions/s/resourceGroups/g']) {
    const match = find('GET', `${scope}/providers/Microsoft.Authorization/locks`)
    assert.deepEqual('params' in match && match.params, { scope })
  }
})

test('another method returns the allowed ones', () => {
  assert.deepEqual(find('PUT', '/secrets/a'), { allowed: ['GET', 'DELETE'] })
})

test('the case of a path counts only if the router is case-sensitive', () => {
  assert.ok('route' in find('GET', '/SECRETS/a'))
  const exact = createRouter([{ method: 'GET', path: '/kv' }], { caseSensitive: true })
  assert.deepEqual(exact('GET', '/KV'), { allowed: [] })
})
