import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isRunning, ownProcess, startFromPs } from '../../../src/base/process-identity.ts'

const [pid, start, place] = ownProcess().split('-') as [string, string, string]

test('this process runs', () => {
  assert.equal(Number(pid), process.pid)
  assert.equal(isRunning(ownProcess()), true)
})

test('a process that started at another time is another process', () => {
  assert.equal(isRunning(`${pid}-${Number(start) - 1}-${place}`), false)
  assert.equal(isRunning(`1-1-${place}`), false)
})

test('a process that has ended does not run', async () => {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  assert.equal(isRunning(`${child.pid}-${start}-${place}`), false)
})

test('a process of another container or boot is unknown', () => {
  assert.equal(isRunning(`${pid}-${start}-000000000000`), undefined)
})

test('a text that names no process is of none', () => {
  for (const text of [
    '',
    pid,
    `${pid}-${start}`,
    `-${start}-${place}`,
    `${pid}-x-${place}`,
    '\0',
    `-1-1-${place}`,
  ])
    assert.equal(isRunning(text), false, JSON.stringify(text))
})

test('ps reports the start of a process', { skip: process.platform === 'win32' }, () => {
  const began = Date.now() - process.uptime() * 1000
  assert.ok(Math.abs(Number(startFromPs(process.pid)) - began) < 5000)
  assert.equal(startFromPs(2 ** 22 + 1), 'gone')
})

test('a process is not gone because ps fails', { skip: process.platform === 'win32' }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wi-ps-'))
  const path = process.env.PATH
  t.after(() => {
    process.env.PATH = path
    rmSync(folder, { recursive: true })
  })
  process.env.PATH = folder
  assert.equal(startFromPs(process.pid), undefined, 'no ps')
  for (const script of [
    'echo "ps: unrecognized option: p" >&2; exit 1',
    'exit 1',
    'exit 0',
    'echo "PID USER COMMAND"',
    'echo "Sat Nov 28 20:15:09 2026"; exit 1',
    'kill -9 $$',
  ]) {
    writeFileSync(join(folder, 'ps'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    assert.equal(startFromPs(process.pid), undefined, script)
    assert.equal(startFromPs(2 ** 22 + 1), 'gone', script)
  }
})
