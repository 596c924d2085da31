import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as lists from '../../src/checks/index.ts'
import type { AnyCheck } from '../../src/engine/check.ts'

// The package as npm packs it, installed without a registry in a folder outside the repository.
const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'wi-setup package '))
const installed = join(folder, 'node_modules', 'wi-setup')
after(() => rmSync(folder, { recursive: true }))

interface Packed {
  filename: string
  size: number
  unpackedSize: number
  files: { path: string }[]
}
let packed: Packed

const npm = (cwd: string, ...args: string[]) =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

function run(...args: string[]): string {
  const program = join(folder, 'node_modules', '.bin', 'wi-setup')
  return execFileSync(process.execPath, [program, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: folder, NO_COLOR: '1' },
  })
}

before(() => {
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
  packed = (JSON.parse(npm(root, ...pack)) as Packed[])[0]!
  writeFileSync(join(folder, 'package.json'), '{}')
  mkdirSync(join(folder, 'cache'))
  const install = ['install', '--offline', '--no-audit', '--no-fund', '--cache', join(folder, 'cache')]
  npm(folder, ...install, `./${packed.filename}`)
})

test('the package contains the program, its documents, and nothing else', (t) => {
  t.diagnostic(`${packed.size} bytes packed, ${packed.unpackedSize} unpacked`)
  const files = packed.files.map(({ path }) => path)
  const bundle = /^dist\/[\w-]+(-[A-Z0-9]{8})?\.js(\.LEGAL\.txt)?$/
  assert.ok(files.filter((path) => bundle.test(path)).length > 20)
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
  assert.deepEqual(
    files.filter((path) => !bundle.test(path)).sort(),
    [
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'bin/wi-setup.js',
      ...[
        'THIRD-PARTY-LICENSES.txt',
        'api.mjs',
        'inside.mjs',
        'key-vault.mjs',
        'sbom.cdx.json',
        'vault-reader.mjs',
      ].map((name) => `dist/${name}`),
      ...docs.map((name) => `docs/${name}`),
      'docs/health-check/Dockerfile',
      'docs/health-check/cronjob.yaml',
      'docs/picture.svg',
      'package.json',
    ].sort(),
  )
  assert.ok(packed.size < 2_000_000, `${packed.size} bytes`)
})

test('the installed package is one folder without dependencies, and runs', () => {
  const names = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))
  assert.deepEqual(names, ['wi-setup'])
  assert.match(run('--version'), /^\d+\.\d+\.\d+/)
  assert.match(run('verify', '--help'), /--posture/)
})

test('the documentation that every check names is in the package', () => {
  const checks = Object.values(lists as Record<string, readonly AnyCheck[]>).flat()
  const { found } = JSON.parse(run('explain', 'WI104', '--output', 'json')) as { found: { doc: string }[] }
  assert.equal(found[0]!.doc, 'docs/checks.md#wi104')
  const page = readFileSync(join(installed, 'docs', 'checks.md'), 'utf8')
  for (const { code } of checks) assert.ok(page.includes(`\n### ${code}\n`), code)
  const [, path] = /More: +(.+) \(WI104\)/.exec(run('explain', 'WI104').replace(/\n {13}/g, ' ')) ?? []
  assert.ok(path && existsSync(path), path)
  assert.equal(readFileSync(path, 'utf8'), page)
})

test('licences and bill of materials are in the package', () => {
  const licenses = readFileSync(join(installed, 'dist', 'THIRD-PARTY-LICENSES.txt'), 'utf8')
  const { components } = JSON.parse(readFileSync(join(installed, 'dist', 'sbom.cdx.json'), 'utf8')) as {
    components: { group?: string; name: string; version: string }[]
  }
  assert.ok(components.length > 100)
  for (const { group, name, version } of components)
    assert.match(licenses, new RegExp(`^${group ? `${group}/` : ''}${name}@${version} \\(`, 'm'))
})
