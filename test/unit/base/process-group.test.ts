import assert from 'node:assert/strict'
import { type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { ownGroup, signalGroup } from '../../../src/base/process-group.ts'

const folder = mkdtempSync(join(tmpdir(), 'wi-group-'))
after(() => rmSync(folder, { recursive: true }))
const unix = { skip: process.platform === 'win32' && 'POSIX signals' }
const running = { pid: 4711, exitCode: null, signalCode: null }

/** Makes this process believe that it is on Windows, with a taskkill that exits with `code`; returns its calls. */
function onWindows(t: TestContext, code: number) {
  const system = mkdtempSync(join(folder, 'windows-'))
  const calls = join(system, 'calls')
  mkdirSync(join(system, 'System32'))
  const taskkill = join(system, 'System32', 'taskkill.exe')
  writeFileSync(taskkill, `#!/bin/sh\necho "$@" >> '${calls}'\nexit ${code}\n`)
  chmodSync(taskkill, 0o755)
  const { platform, env } = process
  const { SystemRoot } = env
  Object.defineProperty(process, 'platform', { value: 'win32' })
  env.SystemRoot = system
  t.after(() => {
    Object.defineProperty(process, 'platform', { value: platform })
    if (SystemRoot === undefined) delete env.SystemRoot
    else env.SystemRoot = SystemRoot
  })
  return () => (existsSync(calls) ? readFileSync(calls, 'utf8') : '')
}

test('Windows: the process and those that it started are ended', unix, (t) => {
  const calls = onWindows(t, 0)
  assert.equal(signalGroup(running, 'SIGTERM'), 'sent')
  assert.equal(calls(), '/pid 4711 /t /f\n')
})

test('Windows: the ID of a process that has exited may be that of another', unix, (t) => {
  const calls = onWindows(t, 0)
  assert.equal(signalGroup({ ...running, exitCode: 0 }, 'SIGKILL'), 'gone')
  assert.equal(signalGroup({ ...running, signalCode: 'SIGTERM' }, 'SIGKILL'), 'gone')
  assert.equal(calls(), '')
})

for (const [code, result] of [
  [128, 'gone'],
  [1, 'denied'],
] as const)
  test(`Windows: taskkill exits with ${code}: ${result}`, unix, (t) => {
    onWindows(t, code)
    assert.equal(signalGroup(running, 'SIGKILL'), result)
  })

test('a process that may not be signalled may still run', unix, (t) => {
  t.mock.method(process, 'kill', () => {
    throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' })
  })
  assert.equal(signalGroup(running, 'SIGKILL'), 'denied')
})

test('a process that does not exist is gone', unix, () => {
  assert.equal(signalGroup({ ...running, pid: 2 ** 22 + 1 }, 'SIGKILL'), 'gone')
})

test('a group is signalled after its first process has exited', unix, async () => {
  const stdio: StdioOptions = ['ignore', 'pipe', 'ignore']
  const program = spawn('sh', ['-c', 'sleep 30 & echo started'], { ...ownGroup, stdio })
  await once(program, 'exit')
  assert.equal(signalGroup(program, 'SIGKILL'), 'sent')
  await once(program, 'close')
})
