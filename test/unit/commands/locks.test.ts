import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { sandboxApis } from '../../score/apis.ts'
import { applySetUp } from '../../support/environment.ts'
import { type InProcessEnvironment, newInProcessEnvironment } from '../../support/in-process.ts'

let environment: InProcessEnvironment
const lockPath = (scope: string) =>
  `${scope}/providers/Microsoft.Authorization/locks/keep?api-version=2020-05-01`
const vault = '/resourceGroups/rg-lock/providers/Microsoft.KeyVault/vaults/kv-lock'
const writes = () => environment.sandbox.journal.filter(({ write }) => write).length

before(async () => {
  environment = await newInProcessEnvironment()
  const names = ['--resource-group', 'rg-lock', '--cluster', 'aks-lock', '--vault', 'kv-lock']
  await applySetUp(environment, ['--sandbox', ...names, '--no-sample'])
})
after(() => environment.close())

const destroy = () => environment.run(['destroy', '--yes', '--confirm', 'aks-lock'])

for (const [what, scope] of Object.entries({
  vault,
  'resource group': '/resourceGroups/rg-lock',
  subscription: '',
}))
  test(`destroy names a lock on the ${what}, and deletes nothing`, async () => {
    const { arm } = sandboxApis(environment)
    await arm('PUT', lockPath(scope), { properties: { level: 'CanNotDelete' } })
    const before = writes()
    const { code, stderr } = await destroy()
    const text = stderr.replace(/\s+/g, ' ')
    assert.equal(code, 1, text)
    assert.match(
      text,
      /A lock prevents deleting these resources, so nothing is deleted: keep \(CanNotDelete\) on/,
    )
    assert.ok(text.includes('az lock delete --ids'), text)
    assert.equal(writes(), before)
    await arm('DELETE', lockPath(scope))
  })

test('destroy --dry-run shows the plan and the locks that would stop it, and exits with 1', async () => {
  const { arm } = sandboxApis(environment)
  await arm('PUT', lockPath(vault), { properties: { level: 'CanNotDelete' } })
  const { code, stderr } = await environment.run(['destroy', '--dry-run'])
  const text = stderr.replace(/\s+/g, ' ')
  assert.equal(code, 1, text)
  assert.match(text, /delete vault kv-lock .* A lock prevents deleting these resources.*kv-lock/)
  assert.ok(text.includes('az lock delete --ids'), text)
  const json = await environment.run(['destroy', '--dry-run', '--output', 'json'])
  const { ok, error, steps } = JSON.parse(json.stdout)
  assert.deepEqual([json.code, ok], [1, false])
  assert.match(error.message, /keep \(CanNotDelete\)/)
  assert.ok(steps.some(({ action }: { action: string }) => action === 'remove'))
  await arm('DELETE', lockPath(vault))
  assert.equal((await environment.run(['destroy', '--dry-run'])).code, 0)
})

test('a set-up that a lock prevents from writing says so at once', async () => {
  const { arm } = sandboxApis(environment)
  const scope = '/resourceGroups/rg-lock'
  await arm('PUT', lockPath(scope), { properties: { level: 'ReadOnly' } })
  const flags = ['--sandbox', '--yes', '--resource-group', 'rg-lock', '--vault', 'kv-second']
  const { code, stderr } = await environment.run(['vault', ...flags], {
    cwd: join(environment.root, 'other'),
  })
  const text = stderr.replace(/\s+/g, ' ')
  assert.equal(code, 1, text)
  assert.match(text, /A lock on \S+\/rg-lock prevents this operation/)
  assert.match(text, /az lock delete/)
  await arm('DELETE', lockPath(scope))
})

test('after the lock is removed, the same command deletes everything', async () => {
  const { code, stderr } = await destroy()
  assert.equal(code, 0, stderr)
  assert.deepEqual(Object.keys(environment.sandbox.state.arm.groups), [])
})
