import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { makeAuthority } from '../../src/sandbox/certificates.ts'
import { restart } from './cluster.ts'
import { kubectl, otherJob, place, run, setUp, versions, writes } from './place.ts'

const at = place()
const address = `https://${at.env.WI_E2E_HOST}:6443`
const folder = join(at.folder, 'kubeconfigs')
mkdirSync(folder)

interface Config {
  clusters: { cluster: Record<string, string> }[]
  users: { user: Record<string, unknown> }[]
}

/** A copy of the administrator's kubeconfig, changed. */
function changed(name: string, change: (config: Config) => void): string {
  const config = JSON.parse(
    kubectl(at, ['config', 'view', '--raw', '--flatten', '--output', 'json']),
  ) as Config
  change(config)
  const path = join(folder, name)
  writeFileSync(path, JSON.stringify(config))
  return path
}

/** Refused with exit code 1, nothing written to either side. */
async function refused(args: string[], cluster = true) {
  const before = [writes(at), cluster && versions(at, 'bay')]
  const result = await run(at, [...args, '--yes', '--output', 'json'])
  assert.equal(result.code, 1, result.stderr)
  assert.deepEqual([writes(at), cluster && versions(at, 'bay')], before)
  return result.json.error!
}

before(() => setUp(at))
after(() => restart(at))

test('an issuer that Entra cannot reach is refused before anything is written', async () => {
  restart(at, [address])
  const { message, remedy } = await refused(otherJob(at, 'bay'))
  assert.match(message, /Entra could not read the cluster's issuer https:\/\/[\d.]+:6443/)
  assert.match(remedy, /Publish the issuer documents at a public https address/)
})

test('so are one in a private network, one without https, and one that nobody serves', async () => {
  for (const [issuer, says] of [
    ['https://10.1.2.3:6443', /Entra cannot read the cluster's issuer https:\/\/10\.1\.2\.3:6443/],
    ['https://kubernetes.default.svc.cluster.local', /Entra cannot read the cluster's issuer/],
    ['http://issuer.example', /does not tell its service account issuer/],
    [at.issuer.replace(/[\da-f-]{36}\/$/, `${crypto.randomUUID()}/`), /Entra could not read .* status 404/],
  ] as const) {
    restart(at, [issuer])
    const { message } = await refused(otherJob(at, 'bay'))
    assert.match(message, says)
  }
})

test('with an issuer that is public the whole job works on any cluster', async () => {
  restart(at)
  const done = await run(at, [...otherJob(at, 'bay'), '--yes', '--output', 'json'])
  assert.equal(done.code, 0, done.stderr)
  assert.deepEqual(
    done.json.checks.filter(({ status }) => status !== 'pass').map(({ code, detail }) => `${code} ${detail}`),
    [],
  )
  const before = [writes(at), versions(at, 'bay')]
  const again = await run(at, [...otherJob(at, 'bay'), '--yes', '--output', 'json'])
  assert.deepEqual([...new Set(again.json.steps.map(({ action }) => action))], ['keep'])
  assert.deepEqual([writes(at), versions(at, 'bay')], before)
})

test('a kubeconfig that cannot be used is named, with the way out', async () => {
  const authority = await makeAuthority()
  const plugin = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'no-such-plugin',
    interactiveMode: 'Never',
  }
  const broken = join(folder, 'broken')
  writeFileSync(broken, 'clusters: [')
  const cases: [string, string[], string, RegExp][] = [
    ['missing', ['--kubeconfig', join(folder, 'none')], 'KubeconfigNotFound', /There is no kubeconfig at/],
    ['no YAML', ['--kubeconfig', broken], 'KubeconfigInvalid', /cannot be used/],
    ['wrong context', ['--kubeconfig', at.kubeconfig, '--context', 'x'], 'ContextNotFound', /; it has \S/],
    [
      'no plugin',
      [
        '--kubeconfig',
        changed('plugin', (config) => Object.assign(config.users[0]!, { user: { exec: plugin } })),
      ],
      'ExecPluginNotFound',
      /no-such-plugin/,
    ],
    [
      'sign-in expired',
      [
        '--kubeconfig',
        changed('expired', (config) => Object.assign(config.users[0]!, { user: { token: 'expired' } })),
      ],
      'Unauthorized',
      /does not know who you are/,
    ],
    [
      'another authority',
      [
        '--kubeconfig',
        changed('authority', (config) =>
          Object.assign(config.clusters[0]!.cluster, {
            'certificate-authority-data': Buffer.from(authority.cert).toString('base64'),
          }),
        ),
      ],
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      /not of an authority/,
    ],
    [
      'no listener',
      [
        '--kubeconfig',
        changed('silent', (config) =>
          Object.assign(config.clusters[0]!.cluster, { server: address.replace('6443', '6999') }),
        ),
      ],
      'ECONNREFUSED',
      /refuses the connection/,
    ],
  ]
  for (const [name, flags, code, says] of cases) {
    const { message, remedy, ...error } = await refused([...otherJob(at, 'bay', flags)], false)
    assert.equal(error.code, code, name)
    assert.match(message, says, name)
    assert.ok(remedy, name)
  }
})

test('afterwards the managed cluster is as it was', async () => {
  const { json } = await setUp(at)
  assert.deepEqual([...new Set(json.steps.map(({ action }) => action))], ['keep'])
})
