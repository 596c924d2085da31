import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { cyclesOf, type SourceUse, usesOf } from '../support/imports.ts'
import {
  fileWriters,
  folders,
  globals,
  layers,
  loaders,
  packages,
  sandboxEntry,
  sandboxUsers,
} from '../support/layers.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

const within = (path: string, places: readonly string[]) => places.some((place) => path.startsWith(place))
const longest = (path: string, prefixes: readonly string[]) =>
  prefixes.filter((prefix) => path.startsWith(prefix)).sort((a, b) => b.length - a.length)[0]

/** Returns what is wrong with one import of a file, or undefined. */
function wrongImport(from: string, to: string): string | undefined {
  const folder = longest(from, Object.keys(folders))
  if (folder) {
    const allowed = to.startsWith(folder) || within(to, folders[folder]!)
    return allowed ? undefined : `${folder} may import only ${[folder, ...folders[folder]!].join(', ')}`
  }
  if (to.startsWith('sandbox/')) {
    if (to !== sandboxEntry) return `src/ imports the sandbox by ${sandboxEntry} only`
    return within(from, sandboxUsers) ? undefined : `only ${sandboxUsers.join(' and ')} import the sandbox`
  }
  const [own, other] = [longest(from, layers), longest(to, layers)]
  if (!own || !other) return `${own ? to : from} is in no layer`
  return layers.indexOf(other) < layers.indexOf(own) ? `${own} is below ${other}` : undefined
}

const isProduct = (path: string) => within(path, ['bin/', 'src/', 'sandbox/'])

/** Returns every breach of the layer table, sorted; `files` maps a path to the file's text. */
function violations(files: Readonly<Record<string, string>>): string[] {
  const uses: SourceUse[] = Object.entries(files).map(([path, text]) =>
    usesOf(path, text, Object.keys(globals), loaders),
  )
  const found = cyclesOf(uses).map((cycle) => `cycle: ${cycle.join(', ')}`)
  for (const { path, ...use } of uses) {
    for (const to of use.files) {
      const wrong = wrongImport(path, to)
      if (wrong) found.push(`${path} imports ${to}: ${wrong}`)
    }
    if (!isProduct(path)) continue
    for (const name of use.packages) {
      const entry = longest(name, Object.keys(packages))
      const places = packages[entry ?? '']
      if (!places) found.push(`${path} imports ${name}, which the layer table doesn't list`)
      else if (!within(path, places)) found.push(`${path} imports ${name}: only in ${places.join(', ')}`)
    }
    for (const name of use.globals)
      if (!within(path, globals[name]!))
        found.push(`${path} uses ${name}: only in ${globals[name]!.join(', ')}`)
    for (const name of use.mentions) found.push(`${path} uses ${name}, which escapes the layer table`)
  }
  return found.sort()
}

const sources = () => {
  const paths = globSync('{bin,build,src,sandbox,test,bench,docs}/**/*.{ts,js,mjs}', { cwd: root })
  return Object.fromEntries(paths.map((path) => [path, readFileSync(`${root}/${path}`, 'utf8')]))
}

test('every import follows the layer table', () => {
  assert.deepEqual(violations(sources()), [])
})

const writing =
  /\b(?:writev?|writeFile|appendFile|createWriteStream|copyFile|cp|rename|link|symlink|truncate|ftruncate|mkdir|mkdtemp|rm|rmdir|unlink|chmod|fchmod|chown|utimes|outputFile)(?:Sync)?\b/
/** Returns the names that a file imports from Node's file system modules. */
const fileSystemImports = (text: string) =>
  [...text.matchAll(/import\s+(?:type\s+)?([^'"]*?)\s+from\s+['"](?:node:)?fs(?:\/promises)?['"]/g)].map(
    ([, names]) => names!,
  )

test('files are written in one place', () => {
  const writers = Object.entries(sources())
    .filter(([path]) => path.startsWith('src/') && !path.startsWith('src/sample/'))
    // An import of the complete module could write as well.
    .filter(([, text]) =>
      fileSystemImports(text).some((names) => writing.test(names) || !names.startsWith('{')),
    )
    .map(([path]) => path)
  assert.deepEqual(writers.sort(), Object.keys(fileWriters).sort())
})

const examples: Record<string, [files: Record<string, string>, violation: RegExp | undefined]> = {
  'an import of a lower layer is allowed': [
    { 'src/steps/a.ts': `import { b } from '../engine/b.ts'`, 'src/engine/b.ts': 'export const b = 1' },
    undefined,
  ],
  'an import of a higher layer fails': [
    { 'src/engine/a.ts': `import { b } from '../steps/b.ts'` },
    /^src\/engine\/a.ts imports src\/steps\/b.ts: src\/engine\/ is below src\/steps\/$/,
  ],
  'a type import of a higher layer fails': [
    { 'src/base/a.ts': `export const a = (b: import('../ui/b.ts').B) => b` },
    /src\/base\/ is below src\/ui\//,
  ],
  'a cycle fails': [
    {
      'src/engine/a.ts': `import type { B } from './b.ts'`,
      'src/engine/b.ts': `export { c } from './c.ts'`,
      'src/engine/c.ts': `export const c = () => import('./a.ts')`,
    },
    /^cycle: src\/engine\/a.ts, src\/engine\/b.ts, src\/engine\/c.ts$/,
  ],
  'a file that imports itself fails': [
    { 'sandbox/a.ts': `import { a } from './a.ts'` },
    /^cycle: sandbox\/a.ts$/,
  ],
  'an SDK in a step fails': [
    { 'src/steps/a.ts': `import { Client } from '@azure/arm-msi'` },
    /imports @azure\/arm-msi: only in src\/clients\/$/,
  ],
  'an SDK that is loaded lazily in a step fails': [
    { 'src/steps/a.ts': `const a = () => import('@kubernetes/client-node')` },
    /only in src\/clients\/$/,
  ],
  'a package that the table does not list fails': [
    { 'src/ui/a.ts': `import chalk from 'chalk'` },
    /chalk, which the layer table doesn't list/,
  ],
  'process outside its files fails': [
    { 'src/steps/a.ts': 'const a = process.env.HOME' },
    /src\/steps\/a.ts uses process/,
  ],
  'a property named process is allowed': [{ 'src/steps/a.ts': 'const a = (b: any) => b.process' }, undefined],
  'a child process outside its files fails': [
    { 'src/steps/a.ts': `import { spawn } from 'node:child_process'` },
    /imports node:child_process: only in src\/base\/process-, sandbox\/kube\/$/,
  ],
  ...Object.fromEntries(
    [
      `process.getBuiltinModule('node:child_process')`,
      `const { getBuiltinModule } = process`,
      `const { getBuiltinModule: load } = process`,
      `process['getBuiltinModule']('node:fs')`,
      `process?.getBuiltinModule?.('node:fs')`,
    ].map((text): [string, [Record<string, string>, RegExp]] => [
      `an import past the table fails: ${text}`,
      [{ 'src/base/process-a.ts': text }, /uses getBuiltinModule, which escapes the layer table$/],
    ]),
  ),
  'a require function fails': [
    { 'src/ui/a.ts': `import { createRequire } from 'node:module'` },
    /uses createRequire, which escapes the layer table$/,
  ],
  'console in src/ fails': [{ 'src/main.ts': 'console.log(1)' }, /uses console/],
  'the sandbox importing src/ fails': [
    { 'sandbox/arm/a.ts': `import type { Host } from '../../src/base/host.ts'` },
    /sandbox\/ may import only sandbox\/$/,
  ],
  'a command other than sandbox importing the sandbox fails': [
    { 'src/commands/verify.ts': `import { a } from '../../sandbox/index.ts'` },
    /only src\/session\/ and src\/commands\/sandbox.ts import the sandbox/,
  ],
  "an import past the sandbox's entry point fails": [
    { 'src/session/a.ts': `import { a } from '../../sandbox/start.ts'` },
    /by sandbox\/index.ts only/,
  ],
  'a suite importing another suite fails': [
    { 'test/laws/a.ts': `import { a } from '../score/a.ts'` },
    /test\/laws\/ may import only/,
  ],
  'a file in no layer fails': [{ 'src/other/a.ts': `import { b } from '../base/b.ts'` }, /is in no layer/],
}

for (const [name, [files, violation]] of Object.entries(examples))
  test(name, () => {
    const found = violations(files)
    if (violation === undefined) assert.deepEqual(found, [])
    else {
      assert.equal(found.length, 1, found.join('\n'))
      assert.match(found[0]!, violation)
    }
  })
