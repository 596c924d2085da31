import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { newEnvironment, type ProgramEnvironment } from '../support/environment.ts'

const folder = fileURLToPath(new URL('../unit/checks/workloads/manifests/', import.meta.url))

let environment: ProgramEnvironment
beforeEach(() => {
  environment = newEnvironment()
  cpSync(folder, join(environment.cwd, 'manifests'), { recursive: true })
})
afterEach(() => environment.close())

/** Nothing listens at the proxy: every network request would fail. */
const offline = { HTTPS_PROXY: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9' }
const run = (args: string[], input?: string) =>
  environment.run(['verify', ...args], { env: offline, ...(input === undefined ? {} : { input }) })

test('files, folders and stdin are checked without a cluster or sign-in', async () => {
  const healthy = await run(['-f', 'manifests/sidecars.yaml', '-f', 'manifests/cronjob.yaml'])
  assert.equal(healthy.code, 0, healthy.stderr)
  assert.match(
    healthy.stderr.replaceAll(/\s+/g, ' '),
    /✓ Deployment shop\/checkout and CronJob shop\/nightly-report work with workload identity\./,
  )
  assert.match(healthy.stderr, /Unknown:/)
  const all = await run(['-f', 'manifests'])
  assert.equal(all.code, 1)
  assert.match(all.stderr, /8 workloads in 7 files: 5 failed\./)
  assert.match(all.stderr, /manifests\/faults\.yaml:12, document 1:/)
  assert.match(all.stderr, /Ignored: +CronTab shop\/web/)
  const piped = await run(['--manifest', '-'], readFileSync(join(folder, 'faults.yaml'), 'utf8'))
  assert.equal(piped.code, 1)
  assert.match(piped.stderr, /Fix: +stdin:12, document 1:/)
  assert.equal(existsSync(environment.sandboxFolder), false)
})

test('no input is an error, not a pass', async () => {
  writeFileSync(join(environment.cwd, 'comments.yaml'), '# nothing here\n---\n')
  writeFileSync(join(environment.cwd, 'list.yaml'), 'apiVersion: v1\nkind: List\nitems: [null]\n')
  writeFileSync(join(environment.cwd, 'rendered.yaml'), '---\n# Source: shop/templates/web.yaml\n---\nnull\n')
  mkdirSync(join(environment.cwd, 'values'))
  writeFileSync(join(environment.cwd, 'values', 'values.yaml'), 'replicas: 2\n')
  for (const [args, input, text] of [
    [
      ['-f', 'list.yaml', '-f', 'rendered.yaml'],
      undefined,
      /has no Kubernetes object in "list.yaml", "rendered.yaml"/,
    ],
    [['-f', 'values'], undefined, /has no Kubernetes object in "values\/values.yaml"/],
    [['-f', ''], undefined, /--manifest "" is empty: pass a file, a folder or -/],
    [['-f', '-'], '\ufeff', /has no Kubernetes object: standard input was empty/],
    [['-f', '-'], '', /has no Kubernetes object: standard input was empty/],
    [['-f', '-'], '\n---\n\n', /has no Kubernetes object: standard input was empty/],
    [['-f', 'comments.yaml'], undefined, /has no Kubernetes object in "comments.yaml"/],
  ] as const) {
    const { code, stderr } = await run([...args], input)
    assert.equal(code, 2, stderr)
    assert.match(stderr.replaceAll(/\s+/g, ' '), text)
  }
})

test('a workload with a warning is not said to work', async () => {
  const text = readFileSync(join(folder, 'cronjob.yaml'), 'utf8').replace(
    /^( *)(image: .*)$/m,
    "$1$2\n$1command: [sh, -c, 'az login --identity']",
  )
  const { code, stderr } = await run(['-f', '-'], text)
  assert.equal(code, 0, stderr)
  assert.match(stderr, /WI602[\s\S]*: 1 warning, nothing failed\./)
  assert.doesNotMatch(stderr, /with workload identity\./)
})

test('the expected service account comes from wi-setup.yaml', async () => {
  writeFileSync(join(environment.cwd, 'wi-setup.yaml'), 'namespace: shop\nserviceAccount: reports\n')
  const { stderr } = await run(['-f', 'manifests/faults.yaml'])
  assert.match(stderr, /should +reports/)
})

test('--output json prints one document', async () => {
  const { code, json } = await run(['-f', 'manifests/faults.yaml', '--output', 'json'])
  assert.equal(code, 1)
  assert.equal(json.ok, false)
  assert.deepEqual(json.outputs.workloads, ['Deployment shop/checkout', 'CronJob shop/report'])
  assert.deepEqual(
    json.checks
      .filter(({ status }) => status === 'fail')
      .map((each) => each.code)
      .sort(),
    ['WI202', 'WI203', 'WI207', 'WI212', 'WI224'],
  )
  const only = await run(['-f', 'manifests/faults.yaml', '--only', 'WI207', '--output', 'json'])
  assert.deepEqual(
    only.json.checks.map((each) => each.code),
    ['WI207'],
  )
})

test('unreadable manifests are usage errors with file and line', async () => {
  mkdirSync(join(environment.cwd, 'empty'))
  writeFileSync(join(environment.cwd, 'chart.yaml'), 'kind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n')
  mkdirSync(join(environment.cwd, 'overlay'))
  writeFileSync(join(environment.cwd, 'overlay', 'kustomization.yaml'), 'kind: Kustomization\n')
  const cases: [string[], RegExp][] = [
    [
      ['-f', 'overlay'],
      /has a kustomization\.yaml; render it first: kubectl kustomize -- overlay \| npx wi-setup verify -f -/,
    ],
    [['-f', 'nobody.yaml'], /--manifest "nobody\.yaml" can't be read: ENOENT/],
    [['-f', 'empty'], /--manifest "empty" has no \.yaml, \.yml or \.json file/],
    [['-f', 'chart.yaml'], /chart\.yaml:3: is a template. Render it first \(helm template\)/],
    [['-f', 'manifests', '--workloads'], /--manifest and --workloads can't be combined/],
    [['--sandbox', '--workload', 'checkout'], /--workload "checkout" is not a kind and a name/],
  ]
  for (const [args, message] of cases) {
    const { code, stderr } = await run(args)
    assert.equal(code, 2, stderr)
    assert.match(stderr.replaceAll(/\s+/g, ' '), message)
  }
})

test('other files in a folder are skipped, and UTF-16 is read', async () => {
  mkdirSync(join(environment.cwd, 'mixed'))
  writeFileSync(join(environment.cwd, 'mixed', 'values.yaml'), 'replicas: 2\n')
  const text = readFileSync(join(folder, 'cronjob.yaml'), 'utf8')
  writeFileSync(join(environment.cwd, 'mixed', 'cronjob.yaml'), `\ufeff${text}`, 'utf16le')
  const { code, stderr } = await run(['-f', 'mixed'])
  assert.equal(code, 0, stderr)
  assert.match(stderr, /CronJob shop\/nightly-report works/)
  assert.match(stderr, /Ignored: +mixed\/values\.yaml:1, not a Kubernetes object\./)
})
