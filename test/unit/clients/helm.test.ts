import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { makeHelm } from '../../../src/clients/helm-program.ts'

const directory = mkdtempSync(join(tmpdir(), 'wi-helm-'))
after(() => rmSync(directory, { recursive: true }))
const log = join(directory, 'log')
const signal = new AbortController().signal

/** A helm that writes down what it was called with and answers by its first words. */
const answers = (of: Record<string, { out?: string; err?: string; code?: number }>) => {
  const script = `#!${process.execPath}
const fs = require('node:fs')
const args = process.argv.slice(2)
const file = process.env.KUBECONFIG
fs.appendFileSync(${JSON.stringify(log)}, JSON.stringify({ args, file, mode: (fs.statSync(file).mode & 0o777).toString(8), text: fs.readFileSync(file, 'utf8') }) + '\\n')
const of = ${JSON.stringify(of)}
const { out = '', err = '', code = 0 } = of[args[0]] ?? {}
process.stdout.write(out); process.stderr.write(err); process.exitCode = code
`
  writeFileSync(join(directory, 'helm'), script)
  chmodSync(join(directory, 'helm'), 0o755)
}
const calls = () =>
  readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { args: string[]; file: string; mode: string; text: string })
const helm = makeHelm({ env: { PATH: directory }, signal })
const chart = {
  namespace: 'ns',
  name: 'wi',
  chart: 'workload-identity-webhook',
  values: { azureTenantID: 'a,b\\{c}' },
}

beforeEach(() => rmSync(log, { force: true }))

test('no helm is HelmNotFound', async () => {
  const none = makeHelm({ env: { PATH: '/nonexistent' }, signal })
  await assert.rejects(none.release('k', 'ns', 'wi'), { service: 'helm', code: 'HelmNotFound' })
})

test('an absent release is undefined', async () => {
  answers({ history: { err: 'Error: release: not found\n', code: 1 } })
  assert.equal(await helm.release('k', 'ns', 'wi'), undefined)
})

test('a release is read with its values, through a private kubeconfig that does not stay', async () => {
  answers({
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

test('values go in as they are', async () => {
  answers({ history: { err: 'Error: release: not found', code: 1 } })
  await helm.install('k', { ...chart, repo: 'https://charts.example', version: '1.6.0' })
  const args = calls().at(-1)?.args ?? []
  assert.deepEqual(args.slice(0, 2), ['upgrade', '--install'])
  assert.ok(args.includes('azureTenantID=a\\,b\\\\\\{c\\}'), args.join(' '))
  assert.ok(args.join(' ').includes('--repo https://charts.example --version 1.6.0'))
})

test('a release that another helm works on is waited for; if it did the same, nothing is left to do', async () => {
  const updated = new Date(Date.now() - 60_000).toISOString()
  const revision = (status: string) => JSON.stringify([{ revision: 1, status, chart: 'c', updated }])
  const told: string[] = []
  answers({ history: { out: revision('pending-install') } })
  const installing = helm.install('k', { ...chart, note: (text) => told.push(text) })
  while (!existsSync(log) || calls().length < 2) await delay(20)
  assert.deepEqual([...new Set(calls().map(({ args }) => args[0]))], ['history'])
  assert.match(
    told.join(),
    /^another helm works on it \(pending-install\); it is waited for until [\d:]{8} UTC$/,
  )
  answers({ history: { out: revision('deployed') }, get: { out: JSON.stringify(chart.values) } })
  await installing
  assert.deepEqual([...new Set(calls().map(({ args }) => args[0]))], ['history', 'get'])
  rmSync(log)
  answers({ history: { out: revision('pending-install') } })
  const waiting = helm.install('k', chart)
  while (!existsSync(log)) await delay(20)
  answers({ history: { out: revision('failed') }, get: { out: '{}' } })
  await waiting
  assert.deepEqual(calls().at(-1)?.args.slice(0, 2), ['upgrade', '--install'])
  assert.ok(!calls().some(({ args }) => args[0] === 'uninstall'))
})

test('the wait for another helm can be interrupted', async () => {
  const updated = new Date(Date.now() + 3_600_000).toISOString()
  answers({
    history: { out: JSON.stringify([{ revision: 1, status: 'pending-install', chart: 'c', updated }]) },
  })
  const stop = new AbortController()
  const stopped = makeHelm({ env: { PATH: directory }, signal: stop.signal })
  const installing = stopped.install('k', chart)
  while (!existsSync(log)) await delay(20)
  stop.abort(new Error('stopped'))
  await assert.rejects(installing, /stopped/)
})

test('a release left pending is rolled back to its good revision, or removed where it has none', async () => {
  answers({
    history: {
      out: '[{"revision":1,"status":"deployed","chart":"c"},{"revision":2,"status":"pending-upgrade","chart":"c"}]',
    },
  })
  await helm.install('k', chart)
  assert.deepEqual(
    calls().map(({ args }) => args.slice(0, 3).join(' ')),
    ['history wi --namespace', 'rollback wi 1', 'upgrade --install wi'],
  )
  rmSync(log)
  answers({ history: { out: '[{"revision":1,"status":"pending-install","chart":"c"}]' } })
  await helm.install('k', chart)
  assert.deepEqual(
    calls().map(({ args }) => args[0]),
    ['history', 'uninstall', 'upgrade'],
  )
})

test('its words become the message', async () => {
  answers({ history: { err: 'WARNING: old\nError: Kubernetes cluster unreachable: refused\n', code: 1 } })
  await assert.rejects(helm.release('k', 'ns', 'wi'), {
    code: 'HelmFailed',
    message: 'Kubernetes cluster unreachable: refused',
  })
})
