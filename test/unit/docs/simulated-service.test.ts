import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

// The example service in sandbox/README.md is added to a copy of the simulator, compiled and tested there.

const root = fileURLToPath(new URL('../../..', import.meta.url))
const text = readFileSync(join(root, 'sandbox/README.md'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'wi-service-'))
after(() => rmSync(folder, { recursive: true, force: true }))

for (const name of ['sandbox', 'test/support'])
  cpSync(join(root, name), join(folder, name), { recursive: true })
for (const name of ['src', 'node_modules']) symlinkSync(join(root, name), join(folder, name), 'junction')
writeFileSync(join(folder, 'package.json'), '{"type":"module"}')

const examples = [...text.matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)].map(([, path, code]) => ({
  path: path!,
  code: code!,
}))
for (const { path, code } of examples) {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), code)
}
const list = join(folder, 'sandbox/services.ts')
writeFileSync(
  list,
  `import { searchService } from './search/index.ts'\n${readFileSync(list, 'utf8').replace('  armService,\n', '  searchService,\n  armService,\n')}`,
)

function runNode(args: string[], options: { cwd: string; input?: string }): string {
  // Inherited, the variable makes node report to the test runner of this file.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { ...options, env, encoding: 'utf8' })
  assert.equal(status, 0, stdout + stderr)
  return stdout
}

test('the example has the files that the text describes', () => {
  assert.deepEqual(
    examples.map(({ path }) => path),
    [
      'sandbox/search/state.ts',
      'sandbox/search/routes.ts',
      'sandbox/search/index.ts',
      'test/unit/sandbox/search.test.ts',
    ],
  )
})

test('it compiles and is formatted', () => {
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { typeRoots: [join(root, 'node_modules/@types')] },
      include: [],
      files: examples.map(({ path }) => path),
    }),
  )
  runNode([join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], { cwd: root })
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
  for (const { path, code } of examples) {
    const args = [biome, 'check', '--write', `--stdin-file-path=${path}`]
    assert.equal(runNode(args, { cwd: root, input: code }), code)
  }
})

test('it returns 200 with a token and 401 without', () => {
  const args = ['--test', '--test-reporter=tap', 'test/unit/sandbox/search.test.ts']
  assert.match(runNode(args, { cwd: folder }), /^# pass 2$/m)
})
