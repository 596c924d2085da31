import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { grantChecks } from '../../../src/checks/grants.ts'
import { chainChecks } from '../../../src/checks/index.ts'
import type { CommandSpec } from '../../../src/commands/command.ts'
import { explain as realExplain } from '../../../src/commands/explain.ts'
import { apply } from '../../../src/engine/apply.ts'
import type { AnyCheck } from '../../../src/engine/check.ts'
import { plan } from '../../../src/engine/plan.ts'
import type { AnyStep } from '../../../src/engine/step.ts'
import { verify } from '../../../src/engine/verify.ts'
import { catalogue } from '../../../src/explain/catalogue/index.ts'
import type { Invocation } from '../../../src/session/invocation.ts'
import { grantAccess } from '../../../src/steps/grant-access.ts'
import type { Target } from '../../../src/targets/target.ts'
import { actions, newTestRun } from '../../support/test-run.ts'

// The examples in CONTRIBUTING.md are taken from the text, compiled and run.

const root = fileURLToPath(new URL('../../..', import.meta.url))
const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'wi-contributing-'))
after(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'package.json'), '{"type":"module"}')

/** Returns the example whose first line names this path. */
function codeOf(path: string): string {
  const [, code] = new RegExp(`\`\`\`ts\\n// ${path}\\n([^]*?)\`\`\``).exec(text) ?? []
  assert.ok(code, `no example of ${path}`)
  return code
}

/** Writes an example to a file whose imports lead to the real files, and returns the file's path. */
function writeExample(path: string): string {
  const file = join(folder, path)
  const real = (name: string) => join(root, dirname(path), name)
  const code = codeOf(path)
    .replace(/from '(\.[^']+)'/g, (_, name) => `from '${real(name)}'`)
    .replace(/import\('(\.[^']+)'\)/g, (_, name) => `import('${real(name)}')`)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, code)
  return file
}

const names = [
  'src/commands/explain.ts',
  'src/steps/vault-address.ts',
  'src/checks/vault-address.ts',
  'src/targets/secret-names.ts',
]
const paths = names.map(writeExample)
const [{ explain }, { vaultAddress }, { vaultAddressMatches }, { secretNames }] = (await Promise.all(
  paths.map((path) => import(pathToFileURL(path).href)),
)) as [
  { explain: CommandSpec },
  { vaultAddress: AnyStep },
  { vaultAddressMatches: AnyCheck },
  { secretNames: Target },
]

/** A test run whose lists have the step and the check of the examples. */
async function newExampleRun() {
  const testRun = await newTestRun()
  const { run, sandbox } = testRun
  const steps = [...testRun.steps, vaultAddress]
  const writes = () => sandbox.journal.filter(({ write }) => write).length
  const planned = () => {
    run.forgetReads()
    return plan(steps, run)
  }
  return {
    writes,
    planned,
    /** Applies all steps and returns the number of requests that wrote. */
    async apply() {
      const before = writes()
      const results = await apply(steps, await planned(), run)
      const errors = results.filter(({ outcome }) => outcome !== 'done').map(({ error }) => error?.message)
      assert.deepEqual(errors, [])
      return writes() - before
    },
    async failures() {
      run.forgetReads()
      const results = await verify([...chainChecks, vaultAddressMatches], run)
      return results.filter(({ status }) => status !== 'pass')
    },
    kube: testRun.clients.kubernetes({ kind: 'aks', group: 'rg-shop', cluster: 'aks-shop' }),
  }
}

function runTool(program: string, args: string[], input = ''): string {
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

test('the examples compile and are formatted', () => {
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
  runTool('typescript/bin/tsc', ['-p', folder])
  for (const name of names) {
    const args = ['check', '--write', `--stdin-file-path=${name}`]
    assert.equal(runTool('@biomejs/biome/bin/biome', args, codeOf(name)), codeOf(name))
  }
})

test('the example of a flag: explain accepts the additional flag', async () => {
  assert.deepEqual(Object.keys(explain.flags), [...Object.keys(realExplain.flags), 'first'])
  let stdout = ''
  const invocation = {
    host: { stdout: { write: (chunk: string) => (stdout += chunk) }, program: ['wi-setup'], shell: 'posix' },
    args: ['WI104', 'WI301'],
    options: { output: 'json', color: false },
  } as unknown as Invocation
  // The example is the real file with these lines changed and others added.
  const example = codeOf('src/commands/explain.ts').split('\n')
  const changed = readFileSync(join(root, 'src/commands/explain.ts'), 'utf8')
    .split('\n')
    .filter((line) => !example.includes(line))
  assert.deepEqual(changed, [
    '  async run({ host, args, options }, { log }) {',
    '    const result = args.length ? explainCodes(args) : await explainLog(log, host)',
  ])
  assert.equal(await explain.run(invocation, { first: true }), 0)
  assert.match(stdout, /WI104/)
  assert.doesNotMatch(stdout, /"WI301"/)
})

test('the example of a setting is the one in the table', () => {
  const [, code] = /```ts\n( {2}setting<.*?)```/s.exec(text) ?? []
  assert.ok(code)
  assert.ok(readFileSync(join(root, 'src/settings/table.ts'), 'utf8').includes(code), code)
})

test('the example of a step: it is planned, applied, unchanged by a second run, and repaired after a change', async () => {
  const run = await newExampleRun()
  const plan = await run.planned()
  assert.equal(run.writes(), 0)
  assert.equal(actions(plan)['vault-address'], 'create')

  await run.apply()
  assert.deepEqual([...new Set(Object.values(actions(await run.planned())))], ['keep'])
  assert.equal(await run.apply(), 0)
  const readAddress = async () =>
    (await run.kube.get('ConfigMap', 'vault-address', 'shop'))?.data.KEYVAULT_URL
  const uri = await readAddress()
  assert.match(uri, /^https:\/\/kv-shop\./)

  const metadata = {
    name: 'vault-address',
    namespace: 'shop',
    labels: { 'app.kubernetes.io/managed-by': 'wi-setup' },
  }
  const data = { KEYVAULT_URL: 'https://another.example/' }
  await run.kube.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }, { force: true })
  const item = (await run.planned()).items.find(({ id }) => id === 'vault-address')
  assert.deepEqual(item?.changes, [{ field: 'KEYVAULT_URL', is: 'https://another.example/', want: uri }])
  await run.apply()
  assert.equal(await readAddress(), uri)
})

test('the example of a check: it passes on a healthy system, and reports the fault with its fix', async () => {
  const run = await newExampleRun()
  await run.apply()
  assert.deepEqual(await run.failures(), [])
  await run.kube.remove('ConfigMap', 'vault-address', 'shop')
  const [failure, ...others] = await run.failures()
  assert.deepEqual(others, [])
  assert.equal(failure?.code, 'WI509')
  assert.equal(failure?.is, '(none)')
  assert.match(failure?.remedy ?? '', /^npx wi-setup sample /)
})

test('every path, script and link exists', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const [, script] of text.matchAll(/npm run ([\w:]+)/g)) assert.ok(script! in scripts, script)
  const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => link!)
  const inline = [...text.matchAll(/`((?:src|sandbox|test|docs|bin)\/[\w./-]+)`/g)].map(([, path]) => path!)
  const testFiles = [...text.matchAll(/\btest\/[\w./-]+\.test\.ts/g)].map(([path]) => path)
  for (const path of [...links, ...inline, ...testFiles]) assert.ok(existsSync(join(root, path)), path)
})

/** Returns the text below a heading, up to the next one. */
const sectionOf = (heading: string) =>
  new RegExp(`^## ${heading}\\n([\\s\\S]*?)^## `, 'm').exec(text)?.[1] ?? ''

function assertNamesExist(section: string, atLeast: number) {
  const names = [...section.matchAll(/`(\w+)` in `(src\/[\w./-]+)`/g)]
  assert.ok(names.length >= atLeast)
  for (const [, name, path] of names) {
    const source = readFileSync(join(root, path!), 'utf8')
    assert.match(
      source,
      new RegExp(`^(export )?(async )?(function|const) ${name}\\b`, 'm'),
      `${name} in ${path}`,
    )
  }
}

test('the ten steps of a command name files and functions that exist', () => {
  const section = sectionOf('One command in ten steps')
  assert.ok(section.split('\n').length <= 25)
  assert.equal(section.match(/^\d+\. /gm)?.length, 10)
  assertNamesExist(section, 15)
})

test('the path of a check result names files and functions that exist', () => {
  const section = sectionOf('The path of a check result')
  assert.ok(section.trim().split('\n').length <= 8)
  assertNamesExist(section, 12)
})

test('the laws that are given as arguments exist', () => {
  const names = [...text.matchAll(/`npm run test:laws ([\w ]+)`/g)].flatMap(([, list]) => list!.split(' '))
  assert.ok(names.length > 0)
  const [, laws = ''] =
    /^const laws: .* = \{ (.*) \}$/m.exec(readFileSync(join(root, 'test/laws/run.ts'), 'utf8')) ?? []
  for (const name of names) assert.ok([...laws.split(', '), 'faults'].includes(name), name)
})

test('the table of subjects names files that exist, and every range of codes', () => {
  const rows = [...text.matchAll(/^\| (WI\dx{2}|WI8\dx) \|.*$/gm)].map(([row]) => row.split('|'))
  const folders = ['src/checks', 'src/explain/catalogue', 'test/score/faults']
  for (const cells of rows)
    for (const [index, parent] of folders.entries())
      for (const [, name] of cells[index + 3]!.matchAll(/`([^`]+)`/g))
        assert.ok(existsSync(join(root, parent, name!)), `${parent}/${name}`)
  const ranges = rows.map(([, codes]) => new RegExp(`^${codes!.trim().replaceAll('x', '\\d')}$`))
  for (const { code } of catalogue)
    assert.ok(
      ranges.some((range) => range.test(code)),
      code,
    )
})

test('the example of a target grants its role, is proven and writes nothing the second time', async () => {
  const owner = await newTestRun()
  await owner.apply()
  const { vault } = owner.settings
  // Another workload, which gets no secrets of the vault.
  const { run, steps: all } = await newTestRun({ namespace: 'other' }, { sandbox: owner.sandbox })
  const grant = {
    text: `secret-names:${vault}=reader`,
    target: secretNames,
    resource: vault,
    entity: undefined,
    role: secretNames.roles[0],
  }
  const ofVault = ['vault', 'vault-access', 'operator-access', 'secret', 'sample']
  const steps = [...all.filter(({ id }) => !ofVault.includes(id)), grantAccess(grant)] as AnyStep[]
  const planned = () => {
    run.forgetReads()
    return plan(steps, run)
  }
  assert.equal(actions(await planned())[`grant ${grant.text}`], 'create')
  const results = await apply(steps, await planned(), run)
  assert.deepEqual(
    results.filter(({ outcome }) => outcome !== 'done').map(({ error }) => error?.message),
    [],
  )
  assert.equal(actions(await planned())[`grant ${grant.text}`], 'keep')
  run.forgetReads()
  const checks = await verify([...chainChecks, ...grantChecks(grant)], run)
  const proof = checks.find(({ code }) => code === 'WI908')
  assert.deepEqual([proof?.status, proof?.detail], ['pass', 'lists the names of its secrets'])
})
