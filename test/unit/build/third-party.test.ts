import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { bundle } from '../../../build/bundle.ts'
import { type BundledPackage, bundledPackages } from '../../../build/bundled-packages.ts'
import { licensesText } from '../../../build/licenses.ts'
import { sbom } from '../../../build/sbom.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Parameters<typeof sbom>[0]
const folder = mkdtempSync(join(tmpdir(), 'wi-setup-licenses-'))
after(() => rmSync(folder, { recursive: true }))

let packages: BundledPackage[] = []
let inBundle: string[] = []
before(async () => {
  const { metafile, outputFiles } = await bundle(root)
  packages = bundledPackages(metafile, root)
  // Read from the code, not from the metafile: a comment names each module.
  const code = outputFiles.map(({ text }) => text).join('\n')
  const names = code.matchAll(/^(?:\/\/ |\s*")\S*node_modules\/((?:@[\w.-]+\/)?[\w.-]+)\//gm)
  inBundle = [...new Set([...names].map(([, name]) => name!))].sort()
})

const sample = (of: Partial<BundledPackage>): BundledPackage => ({
  name: 'left',
  version: '1.0.0',
  license: 'MIT',
  author: 'A. Author',
  folder,
  integrity: 'sha512-AA==',
  imports: [],
  ...of,
})

test('every package in the bundle has its licence text, and no other', () => {
  assert.ok(inBundle.length > 100)
  assert.deepEqual([...new Set(packages.map(({ name }) => name))].sort(), inBundle)
  const text = licensesText(packages)
  const listed = [...text.matchAll(/^(\S+)@(\S+) \(([\w.-]+)\)$/gm)].map(([, name, version]) => [
    name,
    version,
  ])
  assert.deepEqual(listed.sort(), packages.map(({ name, version }) => [name, version]).sort())
  for (const section of text.split(`\n${'-'.repeat(80)}\n`).slice(1))
    assert.ok(section.length > 500, `short text: ${section}`)
})

test('Apache-2.0 packages keep their notices', () => {
  const text = licensesText(packages)
  assert.match(text, /^reflect-metadata@\S+ \(Apache-2\.0\)$/m)
  assert.match(text, /Apache License\s+Version 2\.0, January 2004/)
  assert.match(
    text,
    /THIS CODE IS PROVIDED ON AN \*AS IS\* BASIS/,
    "CopyrightNotice.txt of reflect-metadata's",
  )
  writeFileSync(join(folder, 'LICENSE'), 'The licence.')
  writeFileSync(join(folder, 'NOTICE'), 'Made by us.')
  assert.match(licensesText([sample({ license: 'Apache-2.0' })]), /The licence\.\n\nMade by us\.\n$/)
  for (const name of ['LICENSE', 'NOTICE']) rmSync(join(folder, name))
})

test('a package without a licence file gets the text of its licence, with the author', () => {
  assert.match(licensesText([sample({})]), /\nCopyright \(c\) A\. Author\n\nPermission is hereby granted/)
  assert.throws(
    () => licensesText([sample({ author: undefined })]),
    /contains no licence file, and names no author/,
  )
  assert.throws(() => licensesText([sample({ license: '0BSD' })]), /has no text of that licence/)
})

test('a licence that is not allowed fails the build', () => {
  for (const license of ['GPL-3.0-only', 'UNLICENSED', '(none)', 'MIT OR GPL-2.0'])
    assert.throws(
      () => licensesText([sample({ license })]),
      /left@1\.0\.0 .* is not in the list of allowed licences/,
    )
})

test('the SBOM is valid CycloneDX 1.6, lists the bundled packages, and is deterministic', () => {
  const text = sbom(packageJson, packages)
  assert.equal(sbom(packageJson, structuredClone(packages)), text)
  const validator = fileURLToPath(new URL('../../support/validate-sbom.mjs', import.meta.url))
  const validate = (input: string) => {
    const { stdout, stderr } = spawnSync(process.execPath, [validator], { input, encoding: 'utf8' })
    assert.notEqual(stdout, '', stderr)
    return JSON.parse(stdout) as unknown
  }
  assert.equal(validate(text), null)
  assert.notEqual(validate(text.replace('"SHA-512"', '"SHA-5"')), null)

  const { components, dependencies } = JSON.parse(text) as {
    components: { purl: string; hashes: { content: string }[] }[]
    dependencies: { ref: string; dependsOn: string[] }[]
  }
  assert.deepEqual(
    components.map(({ purl }) => decodeURIComponent(purl)),
    packages.map(({ name, version }) => `pkg:npm/${name}@${version}`),
  )
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { integrity: string }>
  }
  const yaml = components.find(({ purl }) => purl.startsWith('pkg:npm/yaml@'))!
  assert.equal(
    `sha512-${Buffer.from(yaml.hashes[0]!.content, 'hex').toString('base64')}`,
    lock.packages['node_modules/yaml']!.integrity,
  )
  const identity = dependencies.find(({ ref }) => ref.startsWith('pkg:npm/%40azure/identity@'))!
  assert.ok(identity.dependsOn.some((ref) => ref.startsWith('pkg:npm/%40azure/msal-node@')))
})
