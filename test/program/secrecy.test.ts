import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { filesIn, newEnvironment, type ProgramEnvironment, sandboxFlags } from '../support/environment.ts'
import type { Output } from '../support/process.ts'
import { encodingsOf, tokenPattern } from '../support/secret-encodings.ts'

/** Two values that occur nowhere else, with every character that is escaped somewhere. */
const [first, second] = ['Canary1', 'Canary2'].map(
  (name) => `${name}x7Qz "'<&%+/=\\ ü${'$(id)'}\nQ9${name}bird`,
) as [string, string]

const forbidden = [first, second].flatMap(encodingsOf)

let environment: ProgramEnvironment
const outputs: [name: string, text: string][] = []
const commandLines = new Set<string>()

before(() => {
  environment = newEnvironment()
})
after(() => environment.close())

/** Records the command lines of all running processes. */
function recordCommandLines(): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    try {
      commandLines.add(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
    } catch {
      // It has ended meanwhile.
    }
}

async function watched(args: readonly string[], input?: string): Promise<Output> {
  const running = environment.start(args, input === undefined ? {} : { input })
  const watching = process.platform === 'linux' ? setInterval(recordCommandLines, 25) : undefined
  const result = await running.ended
  clearInterval(watching)
  outputs.push([`${args.join(' ')}: stdout`, result.stdout], [`${args.join(' ')}: stderr`, result.stderr])
  return result
}

const getPage = (url: string, host?: string) =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    get(url, host === undefined ? {} : { headers: { host } }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    }).on('error', reject)
  })

/** Serves the sample while `body` runs. */
async function serving(args: readonly string[], body: (url: string) => Promise<void>): Promise<void> {
  const run = environment.start(['sample', ...sandboxFlags, '--port', '0', ...args])
  const address = () => /http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\//.exec(run.stdout + run.stderr)?.[0]
  await run.until(() => address() !== undefined)
  try {
    await body(address()!)
  } finally {
    recordCommandLines()
    run.child.kill('SIGINT')
    const { code, stdout, stderr } = await run.ended
    outputs.push(['sample: stdout', stdout], ['sample: stderr', stderr])
    assert.equal(code, 0)
  }
}

test('a value from stdin is written to the vault, and the sample reads it', async () => {
  const { code } = await watched([...sandboxFlags, '--debug', '--secret-from-stdin'], `${first}\n`)
  assert.equal(code, 0)
  await serving([], async (url) => {
    const { status, body } = await getPage(`${url}secrets/demo-secret`)
    assert.equal(status, 200)
    assert.equal((JSON.parse(body) as { value: string }).value, first)
  })
})

test('a value from a file is written; the same value again is no change', async () => {
  const file = join(environment.root, 'value')
  const from = ['--secret-from-file', file]
  writeFileSync(file, `${first}\n`)
  const writes = environment.writes()
  assert.equal((await watched([...sandboxFlags, ...from])).code, 0)
  assert.equal(environment.writes(), writes)

  writeFileSync(file, second)
  const plan = await watched(['plan', ...sandboxFlags, '--output', 'json'])
  assert.equal(plan.code, 0)
  const { code, json } = await watched([...sandboxFlags, ...from, '--debug', '--output', 'json'])
  assert.equal(code, 0)
  assert.deepEqual(json.steps.find(({ id }) => id === 'secret')?.changes, [
    { field: 'value', is: '(different)', want: '(your value)' },
  ])
  assert.equal(environment.writes(), writes + 1)
  writeFileSync(file, '')
})

test('the sample serves the new value and a page, only for localhost and with the token', async () => {
  await serving(['--output', 'json'], async (url) => {
    const { body } = await getPage(`${url}secrets/demo-secret`)
    assert.equal((JSON.parse(body) as { value: string }).value, second)
    const page = await getPage(url)
    assert.equal(page.status, 200)
    outputs.push(['the page', page.body])
    assert.equal((await getPage(`${url}secrets/demo-secret`, 'evil.example')).status, 403)
    assert.equal((await getPage(`${url}secrets/other`)).status, 404)
    assert.equal((await getPage(new URL('/secrets/demo-secret', url).href)).status, 403)
    assert.ok([...commandLines].every((line) => !line.includes(new URL(url).pathname.slice(1, -1))))
  })
})

test('the other commands run, and some fail', async () => {
  await watched(['verify', '--sandbox', '--pace', '0', '--debug'])
  await watched(['verify', '--sandbox', '--pace', '0', '--output', 'json'])
  await watched([...sandboxFlags, '--explain-settings', '--secret-from-stdin'], first)
  await watched(
    [...sandboxFlags, '--output', 'json', '--debug', '--timeout', '500ms', '--secret-from-stdin'],
    first,
  )
  await watched(['vault', ...sandboxFlags, '--vault', 'kv-demo--', '--secret-from-stdin'], first)
  await watched([...sandboxFlags, '--secret-from-stdin'], first.repeat(1000))
  await watched([...sandboxFlags, '--debug', '--subscription', 'unknown’s', '--secret-from-stdin'], second)
  await watched(['sandbox', 'status', '--journal'])
  await watched(['sandbox', 'status', '--output', 'json'])
})

test('the values appear in no output, file or command line', () => {
  const { operator, vaults } = environment.sandboxState()
  assert.ok(Object.values(vaults)[0]!.secrets['demo-secret']!.versions.length >= 2)
  assert.ok(outputs.length > 20 && outputs.some(([, text]) => /^debug: PUT https/m.test(text)))
  for (const [name, text] of outputs) {
    const bytes = Buffer.from(text)
    for (const each of forbidden) assert.ok(!bytes.includes(each), `${each} in ${name}`)
    assert.doesNotMatch(text, tokenPattern, name)
    assert.ok(!text.includes(operator.clientSecret), `the operator's secret in ${name}`)
  }
  const files = filesIn(environment.root)
  for (const name of ['wi-setup.yaml', 'state.json', 'journal.jsonl'])
    assert.ok(files.some((file) => file.endsWith(name)))
  for (const file of files) {
    const bytes = readFileSync(file)
    for (const each of forbidden) assert.ok(!bytes.includes(each), `${each} in ${file}`)
    assert.doesNotMatch(bytes.toString('latin1'), tokenPattern, file)
  }
  if (process.platform !== 'linux') return
  const recorded = [...commandLines]
  assert.ok(recorded.some((line) => line.includes('--secret-from-stdin')))
  assert.ok(
    recorded.some((line) => line.includes('vault-reader.mjs')),
    'the command line of the pod was recorded',
  )
  for (const line of recorded) {
    for (const each of forbidden) assert.ok(!Buffer.from(line).includes(each))
    if (line.includes('wi-setup') || line.includes('vault-reader')) assert.doesNotMatch(line, tokenPattern)
  }
})

test('only the owner can read files with keys', () => {
  if (process.platform === 'win32') return
  for (const file of filesIn(environment.sandboxFolder))
    if (!file.endsWith('ca.pem')) assert.equal(statSync(file).mode & 0o077, 0, file)
})

test('the search finds encoded values', () => {
  const hidden = [
    JSON.stringify({ value: first }),
    Buffer.from(`value: ${first}`).toString('base64'),
    Buffer.from(`x${second}`).toString('base64url'),
    Buffer.from(first).toString('hex'),
    encodeURIComponent(second),
    new URLSearchParams({ value: first }).toString(),
  ]
  for (const text of hidden)
    assert.ok(
      forbidden.some((each) => Buffer.from(text).includes(each)),
      text,
    )
})
