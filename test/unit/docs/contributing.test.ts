import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chainChecks } from '../../../src/checks/index.ts'
import { apply } from '../../../src/engine/apply.ts'
import type { AnyCheck } from '../../../src/engine/check.ts'
import { plan } from '../../../src/engine/plan.ts'
import type { AnyStep } from '../../../src/engine/step.ts'
import { verify } from '../../../src/engine/verify.ts'
import { actions, newTestRun } from '../../support/test-run.ts'

// The examples in CONTRIBUTING.md are taken as they stand there, put beside the real files' addresses, and run.

const root = fileURLToPath(new URL('../../..', import.meta.url))
const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'wi-contributing-'))
after(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'package.json'), '{"type":"module"}')

/** The example of that path as it stands in the text. */
function codeOf(path: string): string {
  const [, code] = new RegExp(`\`\`\`ts\\n// ${path}\\n([^]*?)\`\`\``).exec(text) ?? []
  assert.ok(code, `no example of ${path}`)
  return code
}

/** Writes it with its imports pointing to the real files, and returns where it is. */
function example(path: string): string {
  const to = join(folder, path)
  mkdirSync(dirname(to), { recursive: true })
  const code = codeOf(path).replace(
    /from '(\.[^']+)'/g,
    (_, name) => `from '${join(root, dirname(path), name)}'`,
  )
  writeFileSync(to, code)
  return to
}

const names = ['src/steps/vault-address.ts', 'src/checks/vault-address.ts']
const paths = names.map(example)
const [{ vaultAddress }, { addressIsTheVaults }] = (await Promise.all(
  paths.map((path) => import(pathToFileURL(path).href)),
)) as [{ vaultAddress: AnyStep }, { addressIsTheVaults: AnyCheck }]

async function withExample() {
  const job = await newTestRun()
  const steps = [...job.steps, vaultAddress]
  const writes = () => job.sandbox.journal.filter(({ write }) => write).length
  return {
    ...job,
    writes,
    look: () => {
      job.run.forgetReads()
      return plan(steps, job.run)
    },
    async make() {
      job.run.forgetReads()
      const before = writes()
      const applied = await apply(steps, await plan(steps, job.run), job.run)
      assert.deepEqual(
        applied.filter(({ outcome }) => outcome !== 'done').map(({ error }) => error?.message),
        [],
      )
      return writes() - before
    },
    async failing() {
      job.run.forgetReads()
      return (await verify([...chainChecks, addressIsTheVaults], job.run)).filter(
        ({ status }) => status !== 'pass',
      )
    },
    kube: job.clients.kubernetes({ kind: 'aks', group: 'rg-shop', cluster: 'aks-shop' }),
  }
}

test('the step and the check of CONTRIBUTING.md keep to the types and the format', () => {
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { typeRoots: [join(root, 'node_modules/@types')] },
      include: [],
      files: paths,
    }),
  )
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  const run = (program: string, args: string[], input = '') => {
    try {
      return execFileSync(process.execPath, [join(root, 'node_modules', program), ...args], {
        cwd: root,
        encoding: 'utf8',
        stdio: 'pipe',
        input,
      })
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string }
      return assert.fail(stdout + stderr)
    }
  }
  run('typescript/bin/tsc', ['-p', folder])
  for (const name of names) {
    const at = [`--stdin-file-path=${name}`]
    assert.equal(run('@biomejs/biome/bin/biome', ['check', '--write', ...at], codeOf(name)), codeOf(name))
  }
})

test('the step of CONTRIBUTING.md: planned without a write, made, kept by the second run, mended when changed', async () => {
  const job = await withExample()
  const planned = await job.look()
  assert.equal(job.writes(), 0)
  assert.equal(actions(planned)['vault-address'], 'create')

  await job.make()
  assert.deepEqual([...new Set(Object.values(actions(await job.look())))], ['keep'])
  assert.equal(await job.make(), 0)
  const read = () => job.kube.get('ConfigMap', 'vault-address', 'shop')
  const uri = (await read())?.data.KEYVAULT_URL
  assert.match(uri, /^https:\/\/kv-shop\./)

  await job.kube.apply(
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'vault-address',
        namespace: 'shop',
        labels: { 'app.kubernetes.io/managed-by': 'wi-setup' },
      },
      data: { KEYVAULT_URL: 'https://another.example/' },
    },
    { force: true },
  )
  const item = (await job.look()).items.find(({ id }) => id === 'vault-address')
  assert.deepEqual(item?.changes, [{ field: 'KEYVAULT_URL', is: 'https://another.example/', want: uri }])
  await job.make()
  assert.equal((await read())?.data.KEYVAULT_URL, uri)
})

test('the check of CONTRIBUTING.md: passes when all is well, and names the fault and its mending', async () => {
  const job = await withExample()
  await job.make()
  assert.deepEqual(await job.failing(), [])
  await job.kube.remove('ConfigMap', 'vault-address', 'shop')
  const [fault, ...others] = await job.failing()
  assert.deepEqual(others, [])
  assert.equal(fault?.code, 'WI509')
  assert.equal(fault?.is, '(none)')
  assert.match(fault?.remedy ?? '', /^npx wi-setup sample /)
})
