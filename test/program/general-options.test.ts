import assert from 'node:assert/strict'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { commands } from '../../src/commands/index.ts'
import { newEnvironment, type ProgramEnvironment, sandboxFlags } from '../support/environment.ts'

let at: ProgramEnvironment
beforeEach(() => {
  at = newEnvironment()
})
afterEach(() => at.close())

const wordsOf = (name: string) => name.split(' ').filter(Boolean)

test('every command rejects a wrong WI_SETUP_OUTPUT, and names the allowed values', async () => {
  for (const { name, outputs, arguments: [argument] = [''] } of commands) {
    const required = argument.startsWith('<') ? ['acme/shop/prod'] : []
    const { code, stdout, stderr } = await at.run([...wordsOf(name), ...required], {
      env: { WI_SETUP_OUTPUT: 'xml' },
    })
    assert.equal(code, 2, name)
    assert.equal(stdout, '')
    assert.equal(stderr, `wi-setup: WI_SETUP_OUTPUT "xml" is not one of ${outputs.join(', ')}\n`)
  }
  assert.deepEqual(readdirSync(join(at.root, 'state')), [])
})

test('commands that need no sign-in read WI_SETUP_OUTPUT and the file, and a flag outranks them', async () => {
  const env = { WI_SETUP_OUTPUT: 'json' }
  for (const args of [['permissions'], ['sandbox', 'status'], ['sandbox', 'reset'], ['explain', 'WI104']]) {
    const { code, stdout, stderr } = await at.run(args, { env })
    assert.equal(code, 0, stderr)
    assert.ok(JSON.parse(stdout), args.join(' '))
    const text = await at.run([...args, '--output', 'text'], { env })
    assert.throws(() => JSON.parse(text.stdout || 'text'))
  }
  writeFileSync(join(at.cwd, 'wi-setup.yaml'), 'output: json\n')
  for (const args of [['permissions'], ['sandbox', 'status']])
    assert.ok(JSON.parse((await at.run(args)).stdout), args.join(' '))
})

test('sandbox start reads WI_SETUP_PACE and WI_SETUP_OUTPUT, and enforces the limits of --pace', async () => {
  for (const [pace, args] of [
    ['11', []],
    ['slow', []],
    [undefined, ['--pace', '-1']],
  ] as const) {
    const { code, stderr } = await at.run(['sandbox', 'start', ...args], {
      env: pace === undefined ? {} : { WI_SETUP_PACE: pace },
    })
    assert.equal(code, 2)
    assert.match(stderr, /^wi-setup: (--pace|WI_SETUP_PACE) "[^"]+" is not a number from 0 to 10\n$/)
  }
  const run = at.start(['sandbox', 'start'], { env: { WI_SETUP_OUTPUT: 'json', WI_SETUP_PACE: '0' } })
  await run.until(() => run.stdout.endsWith('\n'))
  assert.match(JSON.parse(run.stdout).arm, /^https:/)
  run.child.kill('SIGINT')
  assert.equal((await run.ended).code, 0)
})

test('the file sets cloud, pace, output and quiet', async () => {
  const path = join(at.cwd, 'wi-setup.yaml')
  writeFileSync(path, 'sandbox: true\npace: 0\noutput: json\n')
  const { code, json, stderr } = await at.run(['plan'])
  assert.deepEqual([code, json.command, stderr], [0, 'plan', ''])
  writeFileSync(path, 'sandbox: true\npace: 0\nquiet: true\n')
  const quiet = await at.run(['plan'])
  assert.deepEqual([quiet.code, quiet.stdout, quiet.stderr], [0, '', ''])
  writeFileSync(path, 'sandbox: true\npace: 11\ntimeout: soon\n')
  const wrong = await at.run(['plan'])
  assert.equal(wrong.code, 2)
  assert.match(wrong.stderr, /^wi-setup: wi-setup\.yaml: pace 11 is not a number from 0 to 10$/m)
  assert.match(wrong.stderr, /^wi-setup: wi-setup\.yaml: timeout "soon" is not a duration$/m)
})

test('screens name the settings file that --file or WI_SETUP_FILE names', async () => {
  for (const [args, env] of [
    [['--file', 'one.yaml'], {}],
    [[], { WI_SETUP_FILE: 'two.yaml' }],
  ] as const) {
    const name = args[1] ?? 'two.yaml'
    const { code, stderr } = await at.run(['identity', ...sandboxFlags, ...args], { env })
    assert.equal(code, 0, stderr)
    assert.match(stderr, new RegExp(`Settings saved in ${name}`))
    assert.doesNotMatch(stderr, /wi-setup\.yaml/)
    assert.ok(existsSync(join(at.cwd, name)))
  }
  const azure = 'subscription: 6f1f3b8a-0000-4000-8000-000000000000\n'
  writeFileSync(join(at.cwd, 'azure.yaml'), azure)
  const { stderr } = await at.run(['identity', ...sandboxFlags, '--file', 'azure.yaml'])
  assert.match(stderr, /azure\.yaml has settings for Azure/)
})

test('sandbox reset --dry-run shows what it would delete, and deletes nothing', async () => {
  assert.equal((await at.run(['identity', ...sandboxFlags, '-q'])).code, 0)
  const before = at.sandboxState()
  const text = await at.run(['sandbox', 'reset', '--dry-run'])
  assert.equal(text.code, 0)
  assert.match(text.stderr, /^Dry run: these would be deleted\.\n[\s\S]*applications/)
  const json = await at.run(['sandbox', 'reset', '--dry-run', '--output', 'json'])
  assert.equal(JSON.parse(json.stdout).reset, false)
  assert.deepEqual(at.sandboxState(), before)
  const reset = await at.run(['sandbox', 'reset', '--output', 'json'])
  assert.ok(JSON.parse(reset.stdout).deleted.applications > 0)
  assert.ok(!existsSync(join(at.sandboxFolder, 'state.json')))
})
