import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openSandbox, resetSandbox, sandboxStatus } from '../../../../sandbox/index.ts'
import { sandboxProcesses } from '../../../../src/session/open-sandbox.ts'

const root = mkdtempSync(join(tmpdir(), 'wi-damaged-'))
const good = join(root, 'good')
const dir = join(root, 'dir')
after(() => rmSync(root, { recursive: true, force: true }))

const open = () => openSandbox(dir, sandboxProcesses(), { pace: 0 })
const restore = () => {
  rmSync(dir, { recursive: true, force: true })
  cpSync(good, dir, { recursive: true })
}

before(async () => {
  mkdirSync(dir, { mode: 0o700 })
  const session = await open()
  // A secret, so that the key is needed.
  Object.assign(session.simulator!.state.vaults, {
    kv: { secrets: { a: { versions: [{ version: '1', value: 'plain' }] } } },
  })
  session.simulator!.markChanged()
  await session.close()
  cpSync(dir, good, { recursive: true })
})

test('each damaged file is named with what to do, and reset clears it', async () => {
  for (const name of ['state.json', 'key', 'ca.pem', 'ca-key.pem'])
    for (const text of ['', '{"a', '{}', 'null', '{"schema":2}', '\0'.repeat(100)]) {
      restore()
      writeFileSync(join(dir, name), text)
      await assert.rejects(open(), (error: Error & { remedy: string }) => {
        assert.ok(error.message.startsWith(`${join(dir, name)} `), `${name} ${text}: ${error.message}`)
        assert.match(error.remedy, /sandbox reset/)
        if (name === 'key') assert.match(error.message, / is damaged: it is not a key of 32 bytes$/)
        return true
      })
      assert.equal(await resetSandbox(dir, sandboxProcesses()), 'done')
      assert.deepEqual(readdirSync(dir), ['owners'])
    }
  await (await open()).close()
})

test('files that can be made again are', async () => {
  for (const text of ['', '{"a', 'null']) {
    restore()
    for (const name of ['running.json', 'kubeconfig', 'journal.jsonl', 'control-token'])
      writeFileSync(join(dir, name), text)
    await sandboxStatus(dir)
    await (await open()).close()
  }
})

test('a key that was replaced is named, and no secret is part of the error', async () => {
  restore()
  writeFileSync(join(dir, 'key'), Buffer.alloc(32, 1).toString('base64'))
  await assert.rejects(open(), {
    message: `${join(dir, 'key')} does not decrypt the secrets in state.json: one of the two was changed`,
  })
})

test('drafts of a sandbox that was killed are removed', async () => {
  restore()
  writeFileSync(join(dir, 'state.json.99.tmp'), 'half')
  await (await open()).close()
  assert.ok(!readdirSync(dir).some((name) => name.endsWith('.tmp')))
})

test('a line of the journal that was cut does not damage the next one', async () => {
  restore()
  writeFileSync(join(dir, 'journal.jsonl'), '{"run":"a","n":1,"wr')
  const session = await open()
  const { request } = await import('node:https')
  await new Promise((resolve) =>
    request(
      `${session.arm}/metadata/endpoints?api-version=2022-09-01`,
      {
        ca: session.ca,
        lookup: (_, o, done) =>
          o.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4),
      },
      (response) => response.resume().on('end', resolve),
    ).end(),
  )
  await session.close()
  const lines = readFileSync(join(dir, 'journal.jsonl'), 'utf8').trimEnd().split('\n')
  assert.equal(lines.length, 2)
  assert.equal(JSON.parse(lines[1]!).status, 200)
  assert.equal((await sandboxStatus(dir)).requests.reads, 1)
})

const canMount =
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['-m', 'true']).status === 0
const mounted = async (options: string, work: () => Promise<void>) => {
  rmSync(dir, { recursive: true, force: true })
  mkdirSync(dir)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `mode=700,${options}`, 'none', dir])
  try {
    await work()
  } finally {
    execFileSync('umount', [dir])
  }
}

test('a full disk and a read-only folder are named with the path, and no draft is left', {
  skip: !canMount && 'needs root',
}, async () => {
  await mounted('size=64k', async () => {
    for (const size of [60, 48, 32]) {
      writeFileSync(join(dir, 'fill'), Buffer.alloc(size * 1024))
      const failed = await open().then(
        (session) => session.close(),
        (error: Error) => error,
      )
      if (failed)
        assert.match(
          failed.message,
          new RegExp(`^The sandbox can't write ${dir}/[\\w.-]+: the disk is full \\(ENOSPC\\)$`),
        )
      assert.ok(size < 60 || failed)
      assert.ok(!readdirSync(dir).some((name) => name.endsWith('.tmp')))
      assert.deepEqual(readdirSync(join(dir, 'owners')), [])
      await resetSandbox(dir, sandboxProcesses())
    }
  })
  await mounted('ro', async () => {
    const readOnly = {
      message: new RegExp(
        `^The sandbox can't write ${dir}/owners: the file system is read-only \\(EROFS\\)$`,
      ),
    }
    await assert.rejects(open(), readOnly)
    await assert.rejects(resetSandbox(dir, sandboxProcesses()), readOnly)
  })
})
