import assert from 'node:assert/strict'
import fs, {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { requireWritable, WriteError, writeFileAtomically } from '../../../src/base/write-file.ts'

let root: string
const path = (name: string) => join(root, name)
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'wi-write-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

test('a file is written, and an existing one keeps its mode', () => {
  writeFileAtomically(path('new'), 'one')
  assert.equal(readFileSync(path('new'), 'utf8'), 'one')
  for (const mode of [0o600, 0o640, 0o666]) {
    chmodSync(path('new'), mode)
    writeFileAtomically(path('new'), `mode ${mode}`)
    assert.equal(statSync(path('new')).mode & 0o777, mode)
  }
  writeFileAtomically(path('new'), 'private', { mode: 0o600 })
  assert.equal(statSync(path('new')).mode & 0o777, 0o600)
  assert.deepEqual(readdirSync(root), ['new'])
})

test('links, folders, devices and protected files are refused and left alone', () => {
  writeFileSync(path('target'), 'precious')
  symlinkSync('target', path('link'))
  symlinkSync('nothing', path('dangling'))
  symlinkSync('/dev/full', path('device'))
  mkdirSync(path('folder'))
  writeFileSync(path('protected'), 'precious', { mode: 0o444 })
  const before = readdirSync(root)
  for (const [name, fault] of [
    ['link', /^is a symbolic link/],
    ['dangling', /^is a symbolic link/],
    ['device', /^is a symbolic link/],
    ['folder', /^is a folder/],
    ['protected', /^is write-protected/],
    ['none/file', /^can't be written: its folder does not exist/],
    ['target/file', /^can't be written: its folder is not a folder/],
    ['/dev/null', /^is not a regular file/],
  ] as const)
    for (const write of [
      () => writeFileAtomically(join(name.startsWith('/') ? '' : root, name), 'x'),
      () => requireWritable(join(name.startsWith('/') ? '' : root, name)),
    ])
      assert.throws(write, (error) => error instanceof WriteError && fault.test(error.message), name)
  assert.equal(readFileSync(path('target'), 'utf8'), 'precious')
  assert.equal(existsSync(path('nothing')), false)
  assert.deepEqual(readdirSync(root), before)
})

test('another hard link keeps its content', () => {
  writeFileSync(path('other'), 'precious')
  linkSync(path('other'), path('file'))
  writeFileAtomically(path('file'), 'mine')
  assert.equal(readFileSync(path('other'), 'utf8'), 'precious')
  assert.equal(readFileSync(path('file'), 'utf8'), 'mine')
})

for (const failing of ['writeFileSync', 'fsyncSync', 'renameSync', 'fchmodSync'] as const)
  test(`a full disk in ${failing} leaves the old file, and nothing else`, (context) => {
    writeFileSync(path('file'), 'old')
    context.mock.method(fs, failing, () => {
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
    })
    syncBuiltinESMExports()
    assert.throws(
      () => writeFileAtomically(path('file'), 'new'),
      /can't be written: no space left on the device/,
    )
    context.mock.restoreAll()
    syncBuiltinESMExports()
    assert.equal(readFileSync(path('file'), 'utf8'), 'old')
    assert.deepEqual(readdirSync(root), ['file'])
  })
