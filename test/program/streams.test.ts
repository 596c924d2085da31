import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { afterEach, beforeEach, test } from 'node:test'
import { newEnvironment, type ProgramEnvironment, program, sandboxFlags } from '../support/environment.ts'

let environment: ProgramEnvironment
beforeEach(() => {
  environment = newEnvironment()
})
afterEach(() => environment.close())

/** Runs a line of bash in which `wi` is the program. */
const shell = (line: string) =>
  new Promise<{ stdout: string; stderr: string }>((resolve, reject) => {
    const script = `wi() { "$NODE" "$PROGRAM" "$@"; }\n${line}`
    const child = spawn('bash', ['-c', script], {
      cwd: environment.cwd,
      env: { ...environment.env, NODE: process.execPath, PROGRAM: program },
      timeout: 30_000,
    })
    const text = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        text[name] += chunk
      })
    child.on('error', reject)
    child.on('close', () => resolve(text))
  })

test('a reader that closes the pipe early causes no error', async () => {
  const lines = [
    'wi --help | head -1; echo code $PIPESTATUS',
    'wi plan --sandbox --pace 0 --output json | head -c 1; echo; echo code $PIPESTATUS',
    'wi plan --sandbox --pace 0 2>&1 >/dev/null | head -1; echo code $PIPESTATUS',
    'wi sandbox status | true; echo code $PIPESTATUS',
  ]
  for (const line of lines) {
    const { stdout, stderr } = await shell(line)
    assert.match(stdout, /code 0\n$/, line)
    assert.doesNotMatch(stdout + stderr, /EPIPE|node:internal|^ +at /m, line)
  }
})

test('a set-up whose reader closed the pipe is finished by the same command', async () => {
  const { stdout, stderr } = await shell(
    'wi --sandbox --yes --pace 0 2>&1 | head -25 | tail -1; echo code $PIPESTATUS',
  )
  assert.doesNotMatch(stdout + stderr, /EPIPE|^ +at /m)
  const { code, json } = await environment.run([...sandboxFlags, '--output', 'json'])
  assert.equal(code, 0)
  assert.ok(json.checks.every(({ status }) => status === 'pass'))
})

test('JSON that is redirected to a file is complete', async () => {
  const { stdout, stderr } = await shell(
    'wi --sandbox --yes --pace 0 --output json > result.json; tail -c 20 result.json',
  )
  assert.equal(stderr, '')
  assert.match(stdout, /"error":null\}\n$/)
})

test('without a terminal there are no colours, even with FORCE_COLOR', async () => {
  for (const env of [
    { FORCE_COLOR: '1' },
    { NO_COLOR: '1' },
    { TERM: 'xterm-256color', COLORTERM: 'truecolor' },
  ]) {
    const { code, stderr } = await environment.run(['plan', '--sandbox', '--pace', '0'], {
      env: env as Record<string, string>,
    })
    assert.equal(code, 0)
    assert.ok(!stderr.includes('\u001b'))
  }
})

test('--quiet prints only errors', async () => {
  const quiet = await environment.run(['identity', ...sandboxFlags, '--quiet'])
  assert.deepEqual([quiet.code, quiet.stdout, quiet.stderr], [0, '', ''])
  const failing = await environment.run(['webhook', ...sandboxFlags, '--quiet'])
  assert.equal(failing.code, 1)
  assert.match(failing.stderr, /cluster aks-demo does not exist yet/)
})

test('verify --quiet prints nothing but a requested document', async () => {
  const silent = async (...args: string[]) => {
    const { code, stdout, stderr } = await environment.run(['verify', ...sandboxFlags, '--quiet', ...args])
    assert.deepEqual([stdout, stderr], ['', ''])
    return code
  }
  assert.equal(await silent(), 1)
  await environment.run([...sandboxFlags, '--quiet'])
  assert.equal(await silent(), 0)
  assert.equal(await silent('--audience', 'api://other'), 1)
  const usage = await environment.run(['verify', ...sandboxFlags, '--quiet', '--only', 'WI9xx'])
  assert.equal(usage.code, 2)
  assert.match(usage.stderr, /--only "WI9xx" is not a check/)
  const verified = await environment.run(['verify', ...sandboxFlags, '--quiet', '--output', 'junit'])
  assert.match(verified.stdout, /^<\?xml[\s\S]* failures="0"[\s\S]*<\/testsuites>\n$/)
  assert.equal(verified.stderr, '')
  const other = await environment.run(['plan', ...sandboxFlags, '--output', 'junit'])
  assert.equal(other.code, 2)
})

test('--debug prints every request to stderr', async () => {
  const { code, stdout, stderr } = await environment.run([
    'identity',
    ...sandboxFlags,
    '--debug',
    '--output',
    'json',
  ])
  assert.equal(code, 0)
  assert.match(stdout, /^\{.*\}\n$/)
  const lines = stderr.trimEnd().split('\n')
  assert.ok(
    lines.every((line) => /^debug: [A-Z]+ https:\/\/\S+ .* \d+ ms ?/.test(line)),
    stderr,
  )
  assert.equal(lines.length, environment.journal().length)
})

test('all requests of a sandbox run go to loopback', async () => {
  const { code, stderr } = await environment.run([...sandboxFlags, '--debug'], {
    // Nothing listens there: a request through the proxy would fail.
    env: { HTTPS_PROXY: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9' },
  })
  assert.equal(code, 0)
  const hosts = [...stderr.matchAll(/^debug: \S+ https:\/\/([^/:]+)/gm)].map(([, host]) => host!)
  assert.ok(hosts.length > 50)
  assert.ok(hosts.every((host) => host === 'localhost' || host.endsWith('.localhost')))
})
