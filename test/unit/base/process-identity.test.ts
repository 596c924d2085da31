import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
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
