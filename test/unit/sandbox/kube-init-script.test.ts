import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { initScript } from '../../../sandbox/kube/pods/init-script.ts'
import { testSandbox } from '../../support/sandbox.ts'

const { simulator } = await testSandbox()

test('a pod whose sandbox is gone ends', async (context) => {
  const parent = mkdtempSync(join(tmpdir(), 'wi-test-'))
  context.after(() => rmSync(parent, { recursive: true, force: true }))
  const folder = join(parent, 'pod')
  mkdirSync(join(folder, 'root'), { recursive: true })
  const initFile = join(folder, 'preload.mjs')
  writeFileSync(initFile, initScript(simulator))
  const child = spawn(
    process.execPath,
    ['--import', pathToFileURL(initFile).href, '--eval', 'setInterval(() => {}, 1000)'],
    { stdio: ['pipe', 'inherit', 'inherit', 'pipe'] },
  )
  child.stdin!.end()
  assert.deepEqual(await once(child, 'exit'), [0, null])
})
