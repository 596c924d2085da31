import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const folder = mkdtempSync(join(tmpdir(), 'wi-newcomer-'))
after(() => rmSync(folder, { recursive: true }))

/** Returns what npm prints about a package that requires a newer Node.js than any. */
function install(): string {
  const manifest = { name: 'newcomer', version: '1.0.0', engines: { node: '>=99' } }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)))
  const { stdout, stderr } = spawnSync('npm', ['install', '--offline', '--no-audit'], {
    cwd: folder,
    env,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  return stdout + stderr
}

test("npm in a clone doesn't warn about the system's Node.js", () => {
  assert.match(install(), /EBADENGINE/)
  copyFileSync(new URL('../../../.npmrc', import.meta.url), join(folder, '.npmrc'))
  const output = install()
  assert.doesNotMatch(output, /EBADENGINE/)
  assert.match(output, /up to date|added/)
})
