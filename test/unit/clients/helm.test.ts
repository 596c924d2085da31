import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { makeHelm } from '../../../src/clients/helm-program.ts'
import { isUnavailable } from '../../../src/clients/unavailable.ts'
import { explain } from '../../../src/explain/index.ts'
import { waitUntil } from '../../support/wait-until.ts'

const directory = mkdtempSync(join(tmpdir(), 'wi-helm-'))
after(() => rmSync(directory, { recursive: true }))
const callLog = join(directory, 'log')
const signal = new AbortController().signal

/** Installs a helm that logs its arguments and responds by subcommand. */
const installHelm = (responses: Record<string, { out?: string; err?: string; code?: number }>) => {
  const script = `#!${process.execPath}
const fs = require('node:fs')
const args = process.argv.slice(2)
const file = process.env.KUBECONFIG
fs.appendFileSync(${JSON.stringify(callLog)}, JSON.stringify({ args, cwd: process.cwd(), file, mode: (fs.statSync(file).mode & 0o777).toString(8), text: fs.readFileSync(file, 'utf8') }) + '\\n')
const responses = ${JSON.stringify(responses)}
const { out = '', err = '', code = 0 } = responses[args[0]] ?? {}
process.stdout.write(out); process.stderr.write(err); process.exitCode = code
`
  writeFileSync(join(directory, 'helm'), script)
  chmodSync(join(directory, 'helm'), 0o755)
}
const calls = () =>
  readFileSync(callLog, 'utf8')
    .trim()
    .split('\n')
    .map(
      (line) => JSON.parse(line) as { args: string[]; cwd: string; file: string; mode: string; text: string },
    )
const env = { PATH: directory, XDG_STATE_HOME: join(directory, 'state') }
const helm = makeHelm({ env, signal })
const chart = {
  namespace: 'ns',
  name: 'wi',
  chart: 'workload-identity-webhook',
  values: { azureTenantID: 'a,b\\{c}' },
}

beforeEach(() => rmSync(callLog, { force: true }))

test('a missing helm is HelmNotFound', async () => {
  const none = makeHelm({ env: { ...env, PATH: '/nonexistent' }, signal })
  await assert.rejects(none.release('k', 'ns', 'wi'), { service: 'helm', code: 'HelmNotFound' })
})

test('a missing release is undefined', async () => {
  installHelm({ history: { err: 'Error: release: not found\n', code: 1 } })
  assert.equal(await helm.release('k', 'ns', 'wi'), undefined)
})

test('a release is read with its values, and the temporary kubeconfig is private and deleted', async () => {
  installHelm({
    history: {
      out: '[{"revision":1,"status":"superseded","chart":"wi-1"},{"revision":2,"status":"deployed","chart":"wi-2"}]',
    },
    get: { out: '{"azureTenantID":"t"}' },
  })
  assert.deepEqual(await helm.release('the kubeconfig', 'ns', 'wi'), {
    name: 'wi',
    namespace: 'ns',
    status: 'deployed',
    chart: 'wi-2',
    values: { azureTenantID: 't' },
  })
  for (const { file, mode, text } of calls()) {
    assert.deepEqual([mode, text], ['600', 'the kubeconfig'])
    assert.ok(!existsSync(file) && !existsSync(dirname(file)))
  }
})

test("a folder in the user's folder never takes the place of the repository's chart", async () => {
  installHelm({ history: { out: '[]' } })
  const cwd = process.cwd()
  const clone = mkdtempSync(join(directory, 'clone-'))
  mkdirSync(join(clone, chart.chart))
  process.chdir(clone)
  try {
    await helm.show({ chart: chart.chart, repo: 'https://charts.example' })
    await helm.show({ chart: chart.chart })
    await helm.install('k', { ...chart, repo: 'https://charts.example' })
  } finally {
    process.chdir(cwd)
  }
  for (const { cwd, file } of calls()) assert.equal(cwd, dirname(file))
  const charts = calls().flatMap(({ args }) => args.filter((each) => each.endsWith(chart.chart)))
  assert.deepEqual(charts, [chart.chart, join(clone, chart.chart), chart.chart])
})

test('values are escaped for --set-string', async () => {
  installHelm({ history: { err: 'Error: release: not found', code: 1 } })
  await helm.install('k', { ...chart, repo: 'https://charts.example', version: '1.6.0' })
  const args = calls().at(-1)?.args ?? []
  assert.deepEqual(args.slice(0, 2), ['upgrade', '--install'])
  assert.ok(args.includes('--set-string=azureTenantID=a\\,b\\\\\\{c\\}'), args.join(' '))
  assert.ok(args.join(' ').includes('--repo=https://charts.example --version=1.6.0'))
})

test('install waits for another Helm process, and does nothing if that installed the same', async () => {
  const updated = new Date(Date.now() - 60_000).toISOString()
  const revision = (status: string) => JSON.stringify([{ revision: 1, status, chart: 'c', updated }])
  const notes: string[] = []
  installHelm({ history: { out: revision('pending-install') } })
  const installing = helm.install('k', { ...chart, note: (text) => notes.push(text) })
  await waitUntil(() => existsSync(callLog) && calls().length >= 2, 'two calls of helm')
  assert.deepEqual([...new Set(calls().map(({ args }) => args[0]))], ['history'])
  assert.match(
    notes.join(),
    /^waiting for another Helm process that is working on the release \(pending-install\), until [\d:]{8} UTC$/,
  )
  installHelm({ history: { out: revision('deployed') }, get: { out: JSON.stringify(chart.values) } })
  await installing
  assert.deepEqual([...new Set(calls().map(({ args }) => args[0]))], ['history', 'get'])
  rmSync(callLog)
  installHelm({ history: { out: revision('pending-install') } })
  const waiting = helm.install('k', chart)
  await waitUntil(() => existsSync(callLog), 'a call of helm')
  installHelm({ history: { out: revision('failed') }, get: { out: '{}' } })
  await waiting
  assert.deepEqual(calls().at(-1)?.args.slice(0, 2), ['upgrade', '--install'])
  assert.ok(!calls().some(({ args }) => args[0] === 'uninstall'))
})

test('the wait for another Helm process can be interrupted', async () => {
  const updated = new Date(Date.now() + 3_600_000).toISOString()
  installHelm({
    history: { out: JSON.stringify([{ revision: 1, status: 'pending-install', chart: 'c', updated }]) },
  })
  const stop = new AbortController()
  const stopped = makeHelm({ env, signal: stop.signal })
  const installing = stopped.install('k', chart)
  await waitUntil(() => existsSync(callLog), 'a call of helm')
  stop.abort(new Error('stopped'))
  await assert.rejects(installing, /stopped/)
})

test('a pending release is rolled back, or uninstalled if it has no usable revision', async () => {
  installHelm({
    history: {
      out: '[{"revision":1,"status":"deployed","chart":"c"},{"revision":2,"status":"pending-upgrade","chart":"c"}]',
    },
  })
  await helm.install('k', chart)
  assert.deepEqual(
    calls().map(({ args }) => `${args[0]} ${args.at(-1)}`),
    ['history wi', 'rollback 1', 'upgrade workload-identity-webhook'],
  )
  rmSync(callLog)
  installHelm({ history: { out: '[{"revision":1,"status":"pending-install","chart":"c"}]' } })
  await helm.install('k', chart)
  assert.deepEqual(
    calls().map(({ args }) => args[0]),
    ['history', 'uninstall', 'upgrade'],
  )
})

test('null and no output mean that there is nothing', async () => {
  for (const out of ['null', 'null\n', '', ' ']) {
    installHelm({ history: { out } })
    assert.equal(await helm.release('k', 'ns', 'wi'), undefined)
    installHelm({ history: { out: '[{"revision":1,"status":"deployed","chart":"c"}]' }, get: { out } })
    assert.deepEqual((await helm.release('k', 'ns', 'wi'))?.values, {})
  }
})

test('output that is no JSON of the expected kind is an error, and is not repeated', async () => {
  const wrong = {
    code: 'HelmFailed',
    message: /^helm (history|get values) --output json did not print a JSON (list|object)$/,
  }
  for (const out of ['{secret', '{}', '7', '"secret"']) {
    installHelm({ history: { out } })
    await assert.rejects(helm.release('k', 'ns', 'wi'), wrong)
  }
  for (const out of ['{secret', '[]', '7']) {
    installHelm({ history: { out: '[{"revision":1,"status":"deployed","chart":"c"}]' }, get: { out } })
    await assert.rejects(helm.release('k', 'ns', 'wi'), wrong)
  }
})

test("helm's error becomes the message", async () => {
  installHelm({ history: { err: 'WARNING: old\nError: Kubernetes cluster unreachable: refused\n', code: 1 } })
  await assert.rejects(helm.release('k', 'ns', 'wi'), {
    code: 'HelmFailed',
    message: 'Kubernetes cluster unreachable: refused',
  })
})

test('no name or value is taken for a flag', async () => {
  const name = '--post-renderer'
  installHelm({ history: { err: 'Error: release: not found', code: 1 } })
  await helm.install('k', { ...chart, namespace: '-n', name, chart: name, repo: '-r', version: '-v' })
  await helm.show({ chart: name, repo: '-r' })
  await helm.uninstall('k', '-n', name)
  for (const { args } of calls()) {
    const end = args.indexOf('--')
    assert.match(args.slice(0, end).join(' '), /^[a-z]+( [a-z]+)?( --[a-z-]+(=\S+)?)*$/)
    assert.ok(args.slice(end + 1).includes(name))
  }
  assert.deepEqual(
    [...new Set(calls().map(({ args }) => args[0]))],
    ['history', 'upgrade', 'show', 'uninstall'],
  )
})

/** Installs a helm whose `pull` leaves an archive with this text in the destination. */
const installPullingHelm = (text: string, bytes = text.length) => {
  const script = `#!${process.execPath}
const fs = require('node:fs')
const args = process.argv.slice(2)
fs.appendFileSync(${JSON.stringify(callLog)}, JSON.stringify({ args }) + '\\n')
const to = args.find((each) => each.startsWith('--destination='))
if (args[0] === 'pull') fs.writeFileSync(to.slice(14) + '/workload-identity-webhook-1.6.0.tgz', ${JSON.stringify(text)}.padEnd(${bytes}))
if (args[0] === 'history') process.stdout.write('[]')
`
  writeFileSync(join(directory, 'helm'), script)
  chmodSync(join(directory, 'helm'), 0o755)
}
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const pinned = { ...chart, repo: 'https://charts.example', version: '1.6.0', digest: sha256('the chart') }

test('a pinned chart is installed from the archive that was compared, which is deleted afterwards', async () => {
  installPullingHelm('the chart')
  await helm.install('k', pinned)
  const [, pull, upgrade] = calls().map(({ args }) => args)
  assert.deepEqual(pull?.slice(0, 3), ['pull', '--repo=https://charts.example', '--version=1.6.0'])
  const archive = upgrade?.at(-1) ?? ''
  assert.match(archive, /\/workload-identity-webhook-1\.6\.0\.tgz$/)
  assert.ok(!upgrade?.some((arg) => /^--(repo|version)/.test(arg)))
  assert.ok(!existsSync(dirname(archive)))
})

test('a chart with another digest is not installed', async () => {
  installPullingHelm('another chart')
  await assert.rejects(helm.install('k', pinned), { service: 'helm', code: 'ChartDigestMismatch' })
  assert.ok(!calls().some(({ args }) => args[0] === 'upgrade'))
  installPullingHelm('the chart')
  await assert.rejects(helm.install('k', { ...pinned, digest: sha256('') }), { code: 'ChartDigestMismatch' })
})

test('a chart that is larger than the limit is not read', async () => {
  installPullingHelm('', 17 * 1024 * 1024)
  await assert.rejects(helm.install('k', { ...pinned, digest: sha256(' '.repeat(17 * 1024 * 1024)) }), {
    message:
      /^The chart workload-identity-webhook-1.6.0.tgz is larger than 16 MB, which is the limit; it was not installed$/,
  })
  assert.ok(!calls().some(({ args }) => args[0] === 'upgrade'))
})

// The words of helm 3.22.
const index = 'http://charts.example/index.yaml'
const notReached = 'looks like "http://charts.example" is not a valid chart repository or cannot be reached:'
for (const [name, { err, what }] of Object.entries({
  'a repository that fails': {
    err: `Error: ${notReached} failed to fetch ${index} : 503 Service Unavailable`,
    what: /^The chart repository returned 503 \(Service Unavailable\) 2 times while downloading chart workload/,
  },
  'a repository that throttles requests': {
    err: `Error: ${notReached} failed to fetch ${index} : 429 Too Many Requests`,
    what: /^The chart repository returned 429 \(Too Many Requests\) 2 times while downloading chart workload/,
  },
  'a registry that fails': {
    err: 'Error: GET "http://charts.example/v2/x/y/tags/list": response status code 500: Internal Server Error',
    what: /^The chart repository returned 500 \(Internal Server Error\) 2 times while downloading chart workload/,
  },
  'a connection that is interrupted': {
    err: `Error: ${notReached} Get "${index}": read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer`,
    what: /^The chart repository can't be reached to download chart workload\S+: .+ \(2 attempts\)$/,
  },
}))
  test(`${name} is named, and not taken for a wrong chart`, async () => {
    installHelm({ upgrade: { err, code: 1 }, history: { out: '[]' } })
    const own = makeHelm({ env, signal })
    await assert.rejects(own.install('k', chart))
    await assert.rejects(own.install('k', chart), (error) => {
      assert.ok(isUnavailable(error))
      assert.match(explain(error).what, what)
      return true
    })
  })

test('a cluster that helm cannot reach is not taken for the repository', async () => {
  const err =
    'Error: Kubernetes cluster unreachable: Get "https://c.example/version": dial tcp 10.0.0.1:443: i/o timeout'
  installHelm({ history: { err, code: 1 } })
  await assert.rejects(makeHelm({ env, signal }).release('k', 'ns', 'wi'), (error) => {
    assert.ok(isUnavailable(error))
    assert.match(explain(error).what, /^The Kubernetes API server can't be reached to read Helm release wi:/)
    return true
  })
})
