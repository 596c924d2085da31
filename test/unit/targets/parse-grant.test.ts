import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UsageError } from '../../../src/base/usage-error.ts'
import { targets } from '../../../src/targets/index.ts'
import { parseGrant } from '../../../src/targets/parse-grant.ts'

const id = (name: string) =>
  `/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourceGroups/rg-data/providers/Microsoft.Storage/storageAccounts/${name}`

const partsOf = (text: string) => {
  const { target, resource, entity, role, text: whole } = parseGrant(text)
  return [target.name, resource, entity, role.word, whole]
}

test('a grant has a target, a resource, what is in it, and a role', () => {
  assert.deepEqual(partsOf('storage:stshop/invoices=contributor'), [
    'storage',
    'stshop',
    'invoices',
    'contributor',
    'storage:stshop/invoices=contributor',
  ])
})

test('the first role of the target is the default, and part of the text', () => {
  assert.deepEqual(partsOf('storage:stshop'), [
    'storage',
    'stshop',
    undefined,
    'reader',
    'storage:stshop=reader',
  ])
})

test('a resource ID may stand for the name', () => {
  assert.deepEqual(partsOf(`storage:${id('stshop')}/invoices=reader`).slice(0, 4), [
    'storage',
    id('stshop'),
    'invoices',
    'reader',
  ])
})

for (const [text, expected] of [
  ['storge:stshop', /has an unknown target; did you mean "storage"\?[\s\S]*storage:ACCOUNT/],
  [
    'storage:stshop=readr',
    /has an unknown role for storage; did you mean "reader"\?\n {2}roles: reader, contributor, owner/,
  ],
  ['storage:stshop=', /has an unknown role for storage/],
  ['storage:St_Shop', /has an invalid storage account name or ID[\s\S]*for example/],
  ['storage:stshop/In', /has an invalid name after stshop\/[\s\S]*container: 3 to 63 lowercase letters/],
  ['storage:stshop/', /has an invalid name after stshop\//],
  [`storage:${id('stshop').replace('Storage/', 'KeyVault/')}`, /has an invalid storage account name or ID/],
  [`storage:${id('ST')}`, /has an invalid storage account name or ID/],
  ['queue:stshop', /names nothing in stshop[\s\S]*queue:ACCOUNT\/QUEUE/],
  ['queue:stshop/Jobs', /has an invalid name after stshop\//],
  [
    'queue:stshop/jobs=writer',
    /has an unknown role for queue[\s\S]*roles: reader, sender, receiver, contributor/,
  ],
  ['table:stshop/my-table', /has an invalid name after stshop\//],
  ['vault:kv-shop/key/a', /has an invalid name after kv-shop\//],
] as const)
  test(`${text} is refused`, () => {
    assert.throws(
      () => parseGrant(text),
      (error) => error instanceof UsageError && expected.test(error.message),
    )
  })

test('a role at a scope is a grant, too', () => {
  const scope = '/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourceGroups/rg-data'
  const { target, resource, role } = parseGrant(`Storage Queue Data Reader@${scope}`)
  assert.deepEqual([target.name, resource, role.name], ['role', scope, 'Storage Queue Data Reader'])
  assert.throws(() => parseGrant('Reader@/subscriptions/mine'), /has an invalid scope[\s\S]*resource group/)
})

test('every target is complete', () => {
  for (const { name, example, roles, names, form } of targets) {
    assert.ok(form.startsWith(`${name}:`) || form === 'ROLE@SCOPE', name)
    assert.equal(parseGrant(example).text, example, name)
    assert.equal(new Set(roles.map(({ word }) => word)).size, roles.length, name)
    assert.ok(names.resource.source.startsWith('^'), name)
  }
  assert.equal(new Set(targets.map(({ name }) => name)).size, targets.length)
})
