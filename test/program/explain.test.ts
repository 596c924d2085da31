import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { newEnvironment, type ProgramEnvironment, program } from '../support/environment.ts'

let environment: ProgramEnvironment
beforeEach(() => {
  environment = newEnvironment()
})
afterEach(() => environment.close())

const message =
  "AADSTS700213: No matching federated identity record found for presented assertion subject 'system:serviceaccount:shop:checkout'."

test('a code is explained without sign-in, settings or files', async () => {
  const { code, stdout, stderr } = await environment.run(['explain', 'AADSTS700213', 'wi104'], {
    env: { HTTPS_PROXY: 'http://127.0.0.1:1' },
  })
  assert.equal(code, 0)
  assert.equal(stderr, '')
  assert.match(
    stdout,
    /^AADSTS700213 has 6 meanings[\s\S]*\nAADSTS700213\n {2}No federated credential .*\n[\s\S]*Fix: +npx wi-setup federate\n/,
  )
  assert.match(
    stdout,
    /\nWI104\n {2}The federated credential's subject doesn't match[\s\S]*By hand: +az ad app federated/,
  )
  assert.deepEqual(readdirSync(environment.cwd), [])
  assert.deepEqual(readdirSync(join(environment.root, 'state')), [])
})

test('a log on stdin, a log file and a quoted message are explained alike', async () => {
  writeFileSync(join(environment.cwd, 'pod.log'), `one\n${message}\n`)
  const ways = [
    await environment.run(['explain', '--output', 'json'], { input: `one\n${message}\n` }),
    await environment.run(['explain', '--log', 'pod.log', '--output', 'json']),
    await environment.run(['explain', message, '--output', 'json']),
  ]
  for (const { code, stdout } of ways) {
    assert.equal(code, 0)
    const { ok, found, unknown } = JSON.parse(stdout)
    assert.deepEqual([ok, unknown, found.length], [true, [], 1])
    assert.deepEqual(found[0].presented, { subject: 'system:serviceaccount:shop:checkout' })
    assert.equal(found[0].remedy, 'npx wi-setup federate')
    assert.equal(found[0].check, 'WI104')
    assert.equal(found[0].doc, 'docs/checks.md#wi104')
  }
})

test('unknown codes, empty input and missing files exit with 2', async () => {
  const cases: [args: string[], input: string | undefined, message: RegExp][] = [
    [
      ['explain', 'ForbidenByRbac'],
      undefined,
      /"ForbidenByRbac" is not a known error code[\s\S]*similar: ForbiddenByRbac/,
    ],
    [['explain', '\u001b[31mred'], undefined, /"red" is not a known error code/],
    [['explain'], '', /Nothing to explain/],
    [['explain'], 'all is well\n', /No known error found/],
    [['explain', '--log', 'none.log'], undefined, /--log "none\.log" does not exist/],
    [['explain', '--log', '.'], undefined, /--log "\." can't be read/],
    [['explain', 'AADSTS700213', '--log', 'x'], undefined, /can't be combined/],
    [['explain', '--sandbox'], undefined, /unknown option/],
    [['explain', 'AADSTS700213', '--output', 'xml'], undefined, /--output "xml" is not one of/],
  ]
  for (const [args, input, message] of cases) {
    const { code, stderr } = await environment.run(args, input === undefined ? {} : { input })
    assert.equal(code, 2, args.join(' '))
    assert.match(stderr, message)
    assert.ok(!stderr.includes('\u001b'))
    assert.doesNotMatch(stderr, /^ +at /m)
  }
})

test('a log of 50 MB is read in chunks', async () => {
  const filler = '2026-01-01T00:00:00Z INFO  GET /api/orders/12345 200 12ms user=jo@contoso.com\n'.repeat(
    3400,
  )
  const input = `${`${filler}${message}\n`.repeat(200)}`
  assert.ok(input.length > 50e6)
  const { code, stdout, stderr } = await environment.run(['explain'], {
    input,
    // Too little for the complete log.
    env: { NODE_OPTIONS: '--max-old-space-size=40' },
  })
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^AADSTS700213 {3}200 times, first in line 3401\n/)
})

test('Ctrl-C ends explain while a log of one endless line is still coming', { timeout: 60_000 }, async () => {
  const child = spawn(process.execPath, [program, 'explain'], { cwd: environment.cwd, stdio: 'pipe' })
  const ended = once(child, 'exit')
  child.stdin.on('error', () => {})
  let stderr = ''
  child.stderr.on('data', (part) => (stderr += part))
  for (let n = 0; n < 10; n++) child.stdin.write('a.'.repeat(50_000))
  await delay(1500)
  child.kill('SIGINT')
  assert.deepEqual(await ended, [130, null])
  assert.doesNotMatch(stderr, /^ +at /m)
})
