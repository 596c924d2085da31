import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { programWords } from '../../../src/base/program.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'wi-program-words-')))
after(() => rmSync(root, { recursive: true }))
const folder = (...names: string[]) => {
  mkdirSync(join(root, ...names), { recursive: true })
  return join(root, ...names)
}

const script = join(folder('app', 'bin'), 'wi-setup.js')
writeFileSync(script, '#!/usr/bin/env node\n')
chmodSync(script, 0o755)
writeFileSync(join(root, 'app', 'package.json'), '{"name":"wi-setup"}')
const other = join(folder('other', 'bin'), 'wi-setup')
writeFileSync(other, '')
symlinkSync(script, join(folder('onpath'), 'wi-setup'))
symlinkSync(script, join(folder('project', 'node_modules', '.bin'), 'wi-setup'))
symlinkSync(other, join(folder('stranger', 'node_modules', '.bin'), 'wi-setup'))

const words = (cwd: string, path = '/nonexistent', env = {}) =>
  programWords({ script, node: process.execPath, env: { PATH: path, ...env }, cwd })

test('the name alone, if the shell finds this installation by it', () => {
  assert.deepEqual(words(root, folder('onpath')), ['wi-setup'])
})

test('npx, if it runs this installation: below its project, or in the package itself', () => {
  assert.deepEqual(words(folder('project', 'deep', 'er')), ['npx', 'wi-setup'])
  assert.deepEqual(words(folder('app')), ['npx', 'wi-setup'])
})

test('the path, if npx would run another program or ask the registry', () => {
  for (const cwd of [root, folder('stranger')]) assert.equal(words(cwd).at(-1), script)
  assert.equal(words(root, folder('other', 'bin')).at(-1), script)
})

test('a PATH that npx has extended does not count', () => {
  const path = folder('project', 'node_modules', '.bin')
  assert.equal(words(root, path, { npm_command: 'exec' }).at(-1), script)
})
