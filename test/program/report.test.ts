import assert from 'node:assert/strict'
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { newEnvironment, type ProgramEnvironment, sandboxFlags } from '../support/environment.ts'

let environment: ProgramEnvironment
beforeEach(() => {
  environment = newEnvironment()
})
afterEach(() => environment.close())

const read = (name: string) => readFileSync(join(environment.cwd, name), 'utf8')
const files = () => readdirSync(environment.cwd).toSorted()

test('an unwritable report path fails before any check runs', async () => {
  mkdirSync(join(environment.cwd, 'folder.md'))
  const cases: [file: string, message: RegExp][] = [
    ['verify.txt', /--report "verify\.txt" must end with \.md, \.json, \.html/],
    ['verify', /must end with/],
    ['none/verify.md', /can't be written: its folder does not exist/],
    ['folder.md', /is a folder/],
  ]
  for (const [file, message] of cases) {
    const { code, stdout, stderr } = await environment.run(['verify', ...sandboxFlags, '--report', file])
    assert.equal(code, 2)
    assert.equal(stdout, '')
    assert.match(stderr, message)
  }
  assert.deepEqual(files(), ['folder.md'])
  assert.deepEqual(readdirSync(join(environment.root, 'state')), [], 'no sandbox was started')
})

test('the report of a healthy and of a broken system is written in each format, without secrets', async () => {
  const secret = 'a secret of its own 7431'
  await environment.run([...sandboxFlags, '--quiet', '--secret-from-stdin'], { input: secret })
  const known = files()
  const secrets = [secret, environment.sandboxState().operator.clientSecret]
  for (const [state, more] of [
    ['healthy', []],
    ['broken', ['--audience', 'api://other']],
  ] as const)
    for (const form of ['md', 'json', 'html']) {
      const name = `${state}.${form}`
      const { code, stderr } = await environment.run(['verify', ...sandboxFlags, ...more, '--report', name])
      assert.equal(code, state === 'healthy' ? 0 : 1)
      assert.match(stderr, new RegExp(`Report: {2}${name}`))
      const text = read(name)
      for (const each of secrets) assert.ok(!text.includes(each))
      assert.doesNotMatch(text, /eyJ[\w-]{10,}\./)
      assert.match(text, /1\.34\.\d[\s\S]*system:serviceaccount:vault-reader:vault-reader/)
      assert.equal(/npx wi-setup federate/.test(text.replace(/<\/?span>/g, '')), state === 'broken')
    }
  const { ok, checks, requests } = JSON.parse(read('broken.json'))
  assert.equal(ok, false)
  assert.ok(
    checks.some(
      ({ code, status }: { code: string; status: string }) => code === 'WI106' && status === 'fail',
    ),
  )
  assert.ok(requests.length > 5 && requests.some(({ requestId }: { requestId?: string }) => requestId))
  assert.deepEqual(
    files(),
    [
      ...known,
      'broken.html',
      'broken.json',
      'broken.md',
      'healthy.html',
      'healthy.json',
      'healthy.md',
    ].toSorted(),
    'no temporary file is left',
  )
})

test('a report is never written through a symbolic link, and keeps the mode of the file', async () => {
  writeFileSync(join(environment.cwd, 'old.md'), 'old')
  chmodSync(join(environment.cwd, 'old.md'), 0o640)
  symlinkSync('old.md', join(environment.cwd, 'link.md'))
  const refused = await environment.run(['verify', ...sandboxFlags, '--report', 'link.md'])
  assert.equal(refused.code, 2)
  assert.match(refused.stderr, /--report "link\.md" is a symbolic link/)
  assert.equal(read('old.md'), 'old')
  const usage = await environment.run(['verify', ...sandboxFlags, '--namespace', 'No!', '--report', 'old.md'])
  assert.equal(usage.code, 2)
  assert.equal(read('old.md'), 'old')
  const { code } = await environment.run(['verify', ...sandboxFlags, '--report', 'old.md'])
  assert.equal(code, 1)
  assert.match(read('old.md'), /^# wi-setup verify: broken\n/)
  assert.equal(statSync(join(environment.cwd, 'old.md')).mode & 0o777, 0o640)
  assert.deepEqual(files(), ['link.md', 'old.md'])
})
