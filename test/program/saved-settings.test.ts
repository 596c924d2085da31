import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { newEnvironment } from '../support/environment.ts'

test('a sandbox run does not change settings saved for Azure', async () => {
  const environment = newEnvironment()
  after(() => environment.close())
  const file = join(environment.cwd, 'wi-setup.yaml')
  const text = 'subscription: 6f1f3b8a-0000-4000-8000-000000000000\nresourceGroup: rg-shop\nnamespace: shop\n'
  writeFileSync(file, text)
  const { code, stderr } = await environment.run(['--sandbox', '--yes', '--pace', '0'])
  assert.equal(code, 0, stderr)
  assert.match(stderr, /wi-setup\.yaml has settings for Azure and is not changed by a sandbox run/)
  assert.equal(readFileSync(file, 'utf8'), text)
})
