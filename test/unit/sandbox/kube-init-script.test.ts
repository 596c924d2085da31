import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { initScript } from '../../../sandbox/kube/pods/init-script.ts'
import { testSandbox } from '../../support/sandbox.ts'

const { simulator } = await testSandbox()

test('a pod whose sandbox is gone deletes its own folder and nothing else', async (context) => {
  const parent = mkdtempSync(join(tmpdir(), 'wi-test-'))
  context.after(() => rmSync(parent, { recursive: true, force: true }))
  const folder = join(parent, 'pod')
  mkdirSync(join(folder, 'root'), { recursive: true })
  writeFileSync(join(parent, 'file of someone else'), '')
  const initFile = join(folder, 'preload.mjs')
  writeFileSync(initFile, initScript(simulator, folder))
  const child = spawn(
    process.execPath,
    ['--import', pathToFileURL(initFile).href, '--eval', 'setInterval(() => {}, 1000)'],
    { stdio: ['pipe', 'inherit', 'inherit', 'pipe'] },
  )
  child.stdin!.end()
  assert.deepEqual(await once(child, 'exit'), [0, null])
  assert.equal(existsSync(folder), false)
  assert.deepEqual(readdirSync(parent), ['file of someone else'])
})
