import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { readTrustedFiles, trustedOf, trustValues } from '../../../src/session/trust-store.ts'
import type { SensitiveValue } from '../../../src/settings/sensitive.ts'

const root = mkdtempSync(join(tmpdir(), 'wi-trusted-'))
after(() => rmSync(root, { recursive: true, force: true }))
let clone: string
let host: { env: Record<string, string>; home: string; cwd: string }
beforeEach(() => {
  clone = mkdtempSync(join(root, 'clone-'))
  host = { env: {}, home: mkdtempSync(join(root, 'home-')), cwd: clone }
})

const write = (name: string, text: string) => {
  mkdirSync(dirname(join(clone, name)), { recursive: true })
  writeFileSync(join(clone, name), text)
}
const pathValue = (name: 'kubeconfig' | 'chart', value: string): SensitiveValue => ({
  name,
  value,
  line: 1,
  would: 'use it',
  isPath: true,
})
const settingsFile = () => join(clone, 'wi-setup.yaml')
const trust = (value: SensitiveValue) => trustValues([value], settingsFile(), host)
const isTrusted = (value: SensitiveValue) => trustedOf([value], settingsFile(), host).length === 1

const kubeconfig = (user: string, cluster = '') => `apiVersion: v1
kind: Config
clusters: [{ name: c, cluster: { server: "https://c.test", ${cluster} } }]
users:
- name: u
  user: ${user}
contexts: [{ name: src, context: { cluster: c, user: u } }]
current-context: src
`
const exec = (rest: string) => `{ exec: { apiVersion: client.authentication.k8s.io/v1, ${rest} } }`

/** Each names `login` in the clone, in another way. */
const kubeconfigs: Record<string, () => string> = {
  command: () => kubeconfig(exec('command: ./login')),
  'absolute command': () => kubeconfig(exec(`command: ${join(clone, 'login')}`)),
  'command outside of PATH': () => kubeconfig(exec('command: login')),
  argument: () => kubeconfig(exec('command: sh, args: [./login]')),
  'argument without a slash': () => kubeconfig(exec('command: python3, args: [login]')),
  'value of an option': () => kubeconfig(exec('command: aws, args: ["--config=login"]')),
  'command line in an argument': () => kubeconfig(exec('command: sh, args: [-c, "exec ./login --x;"]')),
  environment: () =>
    kubeconfig(exec('command: node, env: [{ name: NODE_OPTIONS, value: "--require ./login" }]')),
  'search path': () => kubeconfig(exec('command: python3, env: [{ name: P, value: "/usr/lib:./lib" }]')),
  'client certificate': () => kubeconfig('{ client-certificate: login }'),
  'client key': () => kubeconfig('{ client-key: ./login }'),
  'token file': () => kubeconfig('{ tokenFile: login }'),
  'certificate authority': () => kubeconfig('{}', 'certificate-authority: login'),
  'auth provider': () =>
    kubeconfig('{ auth-provider: { name: gcp, config: { cmd-path: ./login, tokenFile: login } } }'),
  'merge key': () => `x: &x { command: ./login }\n${kubeconfig('{ exec: { <<: *x } }')}`,
  'block text': () => kubeconfig('{}').replace('user: {}', 'user:\n    tokenFile: >-\n      ./login'),
  JSON: () => JSON.stringify({ users: [{ name: 'u', user: { exec: { command: './login' } } }] }),
}

for (const [name, text] of Object.entries(kubeconfigs))
  test(`a kubeconfig is not trusted anymore once the file changes that it names: ${name}`, () => {
    write('kc.yaml', text())
    write('login', 'good')
    write('lib/login', 'good')
    write('src/other', 'good')
    for (const value of [
      pathValue('kubeconfig', './kc.yaml'),
      pathValue('kubeconfig', join(clone, 'kc.yaml')),
    ]) {
      trust(value)
      assert.equal(isTrusted(value), true)
      write('src/other', 'changed')
      assert.equal(isTrusted(value), true, 'what it does not name')
      write(name === 'search path' ? 'lib/login' : 'login', 'evil')
      assert.equal(isTrusted(value), false, 'changed')
      write(name === 'search path' ? 'lib/login' : 'login', 'good')
      assert.equal(isTrusted(value), true, 'as it was')
      rmSync(join(clone, name === 'search path' ? 'lib' : 'login'), { recursive: true })
      assert.equal(isTrusted(value), false, 'deleted')
      write('login', 'good')
      write('lib/login', 'good')
    }
  })

test('a file that appears where the kubeconfig names one needs consent', () => {
  write('kc.yaml', kubeconfig(exec('command: sh, args: [./later.sh]')))
  const value = pathValue('kubeconfig', './kc.yaml')
  trust(value)
  assert.equal(isTrusted(value), true)
  write('later.sh', '')
  assert.equal(isTrusted(value), false)
})

test('paths are relative to the kubeconfig for its program, and to the current folder for arguments', () => {
  write('deploy/kc.yaml', kubeconfig(exec('command: ./login, args: [scripts/a.sh]')))
  for (const name of ['deploy/login', 'scripts/a.sh']) {
    write('deploy/login', 'good')
    write('scripts/a.sh', 'good')
    const value = pathValue('kubeconfig', 'deploy/kc.yaml')
    trust(value)
    assert.equal(isTrusted(value), true)
    write(name, 'evil')
    assert.equal(isTrusted(value), false, name)
  }
})

test('a program through a link, and a kubeconfig through a link, are trusted by their content', () => {
  write('../shared-login', 'good')
  symlinkSync('../shared-login', join(clone, 'login'))
  write('real/kc.yaml', kubeconfig(exec('command: ./login')))
  symlinkSync('real/kc.yaml', join(clone, 'kc.yaml'))
  const value = pathValue('kubeconfig', 'kc.yaml')
  trust(value)
  assert.equal(isTrusted(value), true)
  write('../shared-login', 'evil')
  assert.equal(isTrusted(value), false)
})

test('links in a chart are followed', () => {
  write('chart/Chart.yaml', 'name: a')
  write('templates/pod.yaml', 'good')
  symlinkSync('../templates', join(clone, 'chart/templates'))
  symlinkSync('../templates/pod.yaml', join(clone, 'chart/one.yaml'))
  symlinkSync('..', join(clone, 'templates/loop'))
  symlinkSync('nowhere', join(clone, 'chart/dangling'))
  const value = pathValue('chart', './chart')
  trust(value)
  assert.equal(isTrusted(value), true)
  write('templates/pod.yaml', 'evil')
  assert.equal(isTrusted(value), false)
  write('templates/pod.yaml', 'good')
  write('chart/nowhere', '')
  assert.equal(isTrusted(value), false, 'the link leads somewhere now')
})

test('what is damaged, endless or too large is not trusted', () => {
  const isRefused = (value: SensitiveValue) => {
    trust(value)
    return !isTrusted(value)
  }
  write('bad.yaml', 'users: [')
  assert.ok(isRefused(pathValue('kubeconfig', 'bad.yaml')), 'not YAML')
  symlinkSync('self', join(clone, 'self'))
  assert.ok(isRefused(pathValue('chart', './self')), 'a link to itself')
  write('big', 'x'.repeat(21 * 1024 * 1024))
  write('kc.yaml', kubeconfig(exec('command: ./big')))
  assert.ok(isRefused(pathValue('kubeconfig', 'kc.yaml')), 'a large program')
  write('large.yaml', `# ${'x'.repeat(5 * 1024 * 1024)}\n${kubeconfig('{}')}`)
  assert.ok(isRefused(pathValue('kubeconfig', 'large.yaml')), 'a large kubeconfig')
})

test('relative paths start in the folder in which the file was trusted, everywhere', () => {
  write('wi-setup.yaml', 'kubeconfig: kc.yaml\n')
  write('sub/kc.yaml', kubeconfig('{ client-key: key }'))
  write('kc.yaml', kubeconfig('{}'))
  host.cwd = join(clone, 'sub')
  const value = pathValue('kubeconfig', 'kc.yaml')
  trust(value)
  assert.equal(isTrusted(value), true)
  assert.equal(readTrustedFiles(host)[settingsFile()]?.cwd, join(clone, 'sub'))
  host.cwd = clone
  assert.equal(isTrusted(value), false, 'another folder, another kubeconfig')
  const store = join(host.home, '.config/wi-setup/trusted.json')
  writeFileSync(store, readFileSync(store, 'utf8').replace(/ *"cwd":.*\n/, ''))
  assert.equal(readTrustedFiles(host)[settingsFile()]?.cwd, undefined, 'of an earlier version')
})
