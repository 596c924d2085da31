import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { openSandbox } from '../../../../sandbox/index.ts'
import { guestsFolder, ownersFolder } from '../../../../sandbox/server/folder-lock.ts'
import { newKeys, type SandboxKeys } from '../../../../sandbox/server/keys.ts'
import { sandboxStatus } from '../../../../sandbox/server/status.ts'
import { sandboxProcesses } from '../../../../src/session/open-sandbox.ts'

const root = mkdtempSync(join(tmpdir(), 'wi-start-'))
after(() => rmSync(root, { recursive: true, force: true }))
let keys: SandboxKeys
let dir: string
before(async () => {
  keys = await newKeys()
})
beforeEach(() => {
  dir = mkdtempSync(join(root, 'case-'))
})

const open = (port?: number) => openSandbox(dir, sandboxProcesses(), { pace: 0, keys, ...(port && { port }) })
const namesIn = (folder: string) => (existsSync(folder) ? readdirSync(folder) : [])

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

/** Files that a start writes, each replaced by a folder, which can't be replaced by a file. */
for (const name of [
  'key',
  'state.json',
  'kubeconfig',
  'journal.jsonl',
  'running.json',
  'control-token',
  'ca.pem',
])
  test(`a start that can't write ${name} leaves no listener, lock or token`, async () => {
    mkdirSync(join(dir, name, 'full'), { recursive: true })
    const port = await freePort()
    const failed = await open(port).then(
      (session) => session.close().then(() => false),
      () => true,
    )
    assert.ok(await isFree(port), 'the port')
    assert.deepEqual(namesIn(ownersFolder(dir)), [], 'the lock')
    if (!failed) return
    for (const file of ['control-token', 'running.json'])
      assert.ok(file === name || !existsSync(join(dir, file)), file)
    rmSync(join(dir, name), { recursive: true })
    await (await open(port)).close()
  })

test('neither a guest nor a status creates the key', async () => {
  const owner = await open()
  const key = readFileSync(join(dir, 'key'))
  try {
    rmSync(join(dir, 'key'))
    const guest = await open()
    assert.equal(guest.shared, true)
    await guest.close()
    await sandboxStatus(dir)
    assert.equal(existsSync(join(dir, 'key')), false)
    owner.simulator!.state.vaults.kv = {
      secrets: { a: { versions: [{ version: '1', value: 'plain' }] } },
    } as never
    owner.simulator!.markChanged()
    writeFileSync(join(dir, 'key'), key)
  } finally {
    await owner.close()
  }
  rmSync(join(dir, 'key'))
  await assert.rejects(open(), /\/key is missing, and the secrets in state\.json are encrypted with it/)
  assert.equal(existsSync(join(dir, 'key')), false)
  writeFileSync(join(dir, 'key'), key)
  await (await open()).close()
})

test('a guest that fails leaves no claim', async () => {
  const owner = await open()
  const state = readFileSync(join(dir, 'state.json'))
  try {
    for (const text of [undefined, '{', 'null']) {
      if (text === undefined) rmSync(join(dir, 'state.json'))
      else writeFileSync(join(dir, 'state.json'), text)
      await assert.rejects(open(), /state\.json is (missing|damaged)/)
      assert.deepEqual(namesIn(guestsFolder(dir)), [])
    }
    writeFileSync(join(dir, 'state.json'), state)
    await (await open()).close()
  } finally {
    await owner.close()
  }
})
