import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { createPrivateFolder, removeLeftOverFolders } from '../../../src/base/private-folder.ts'
import { ownProcess } from '../../../src/base/process-identity.ts'

const root = mkdtempSync(join(tmpdir(), 'wi-private-'))
const realTmp = process.env.TMPDIR
after(() => {
  restoreTmp()
  rmSync(root, { recursive: true })
})
const restoreTmp = () => {
  if (realTmp === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = realTmp
}

let env: { XDG_RUNTIME_DIR?: string; XDG_STATE_HOME: string }
beforeEach(() => {
  restoreTmp()
  const at = mkdtempSync(join(root, 'case-'))
  env = { XDG_RUNTIME_DIR: join(at, 'run'), XDG_STATE_HOME: join(at, 'state') }
  mkdirSync(env.XDG_RUNTIME_DIR!, { mode: 0o700 })
})
const create = (of: Record<string, string | undefined> = env) => {
  const folder = createPrivateFolder(of)
  assert.equal(statSync(folder.path).mode & 0o777, 0o700)
  assert.equal(statSync(dirname(folder.path)).mode & 0o777, 0o700)
  return folder
}

test('the runtime folder is used, whatever the umask', () => {
  const umask = process.umask(0)
  const folder = create()
  process.umask(umask)
  assert.equal(dirname(folder.path), join(env.XDG_RUNTIME_DIR!, 'wi-setup'))
  folder.remove()
  assert.ok(!existsSync(folder.path))
})

test('without a runtime folder the state folder is used', () => {
  for (const runtime of [undefined, '', 'relative', join(root, 'nowhere')]) {
    const folder = create({ ...env, XDG_RUNTIME_DIR: runtime })
    assert.equal(dirname(folder.path), join(env.XDG_STATE_HOME, 'wi-setup', 'tmp'))
    folder.remove()
  }
})

test('a folder that others prepared is not used', () => {
  const prepared = join(env.XDG_RUNTIME_DIR!, 'wi-setup')
  mkdirSync(join(root, 'elsewhere'), { recursive: true })
  symlinkSync(join(root, 'elsewhere'), prepared)
  assert.ok(create().path.startsWith(env.XDG_STATE_HOME))
  rmSync(prepared)
  mkdirSync(prepared)
  chmodSync(prepared, 0o777)
  assert.ok(create().path.startsWith(env.XDG_STATE_HOME))
})

test('each folder that cannot be used is named', () => {
  process.env.TMPDIR = join(root, 'no-tmp')
  writeFileSync(env.XDG_STATE_HOME, '')
  delete env.XDG_RUNTIME_DIR
  assert.throws(() => createPrivateFolder(env), {
    name: 'ActionRequiredError',
    message:
      /private folder for temporary credentials: .*\/state\/wi-setup\/tmp \(ENOTDIR\), .*\/no-tmp\/wi-setup-\w+ \(ENOENT\)$/,
    remedy: /XDG_STATE_HOME/,
  })
})

test('only folders of processes that are gone are removed', () => {
  const own = create()
  const [pid, start, place] = ownProcess().split('-')
  const at = (identity: string) => {
    const path = join(dirname(own.path), `${identity}-abcdef`)
    mkdirSync(path)
    writeFileSync(join(path, 'kubeconfig'), 'secret')
    return path
  }
  const reused = at(`${pid}-${Number(start) - 1}-${place}`)
  const foreign = at(`${pid}-${start}-000000000000`)
  const oldForeign = at(`${pid}-${start}-000000000001`)
  utimesSync(oldForeign, new Date(), new Date(Date.now() - 2 * 3_600_000))
  const other = join(dirname(own.path), 'of-someone-else')
  mkdirSync(other)
  removeLeftOverFolders(env)
  assert.deepEqual([own.path, reused, foreign, oldForeign, other].map(existsSync), [
    true,
    false,
    true,
    false,
    true,
  ])
})
