import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { acquireOrJoin, ownersFolder } from '../../../../sandbox/server/folder-lock.ts'
import { resetSandbox } from '../../../../sandbox/server/reset.ts'
import { sandboxProcesses } from '../../../../src/session/open-sandbox.ts'

const root = mkdtempSync(join(tmpdir(), 'wi-lock-'))
after(() => rmSync(root, { recursive: true }))

const processes = sandboxProcesses()
const [pid, start, place] = processes.own.split('-') as [string, string, string]
let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(root, 'case-'))
})

const putClaim = (name: string) => {
  mkdirSync(ownersFolder(dir), { recursive: true })
  const path = join(ownersFolder(dir), name)
  writeFileSync(path, '')
  return path
}
const acquire = async () => {
  const access = await acquireOrJoin(dir, processes)
  assert.equal(access.running, undefined)
  return access.running === undefined ? access.lock : assert.fail()
}

test('a lock of a process that is gone is taken over, also if its ID is used again', async () => {
  for (const name of [
    `${pid}-${Number(start) - 1}-${place}_00`,
    `1-1-${place}_00`,
    `4194304-1-${place}_00`,
    'damaged',
    '-1',
    pid,
  ]) {
    const path = putClaim(name)
    const began = performance.now()
    const lock = await acquire()
    assert.ok(performance.now() - began < 1000, name)
    assert.ok(!existsSync(path))
    lock.release()
    assert.deepEqual(readdirSync(ownersFolder(dir)), [])
  }
})

test('the lock of an earlier version, whatever it contains, is ignored and removed', async () => {
  for (const text of ['', pid, '\0', '1']) {
    writeFileSync(join(dir, 'owner.lock'), text)
    const lock = await acquire()
    assert.ok(!existsSync(join(dir, 'owner.lock')))
    lock.release()
  }
})

test('a damaged marker blocks nobody', async () => {
  for (const text of ['', '{"a', 'null', '{"host":1}', '{"host":"x","arm":"x","control":"::","proxy":"x"}']) {
    writeFileSync(join(dir, 'running.json'), text)
    writeFileSync(join(dir, 'ca.pem'), text)
    const lock = await acquire()
    lock.release()
  }
})

test('of many that start at the same moment over a void lock exactly one wins at a time', async () => {
  putClaim(`1-1-${place}_00`)
  let holders = 0
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      const lock = await acquire()
      assert.equal(++holders, 1)
      await new Promise((resolve) => setTimeout(resolve, 20))
      holders--
      lock.release()
    }),
  )
})

test('a lock of another container is void once it is not refreshed', async () => {
  const path = putClaim(`1-1-000000000000_00`)
  const timer = setInterval(() => existsSync(path) && utimesSync(path, new Date(), new Date()), 200)
  let acquired = false
  const waiting = acquire().then((lock) => {
    acquired = true
    return lock
  })
  await new Promise((resolve) => setTimeout(resolve, 6500))
  assert.equal(acquired, false, 'its owner refreshes it')
  clearInterval(timer)
  ;(await waiting).release()
})

test('reset is refused while a process holds the lock, and names it', async () => {
  const lock = await acquire()
  writeFileSync(join(dir, 'state.json'), '{"a')
  await assert.rejects(resetSandbox(dir, processes), {
    message: new RegExp(`^Process ${pid} has locked the sandbox folder`),
    remedy: new RegExp(`kill ${pid}`),
  })
  assert.ok(existsSync(join(dir, 'state.json')))
  lock.release()
  assert.equal(await resetSandbox(dir, processes), 'done')
  assert.deepEqual(readdirSync(dir), ['owners'])
})
