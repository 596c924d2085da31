import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { stringify } from 'yaml'
import { type Answer, startAttacker } from '../../support/attacker.ts'
import { connectedSandbox } from '../../support/sandbox.ts'
import { sharedKeys } from '../../support/shared-keys.ts'

const folder = mkdtempSync(join(tmpdir(), 'wi-plugin-'))
after(() => rmSync(folder, { recursive: true }))
const { clients } = await connectedSandbox({ env: { PATH: process.env.PATH } })
const { authority } = await sharedKeys()

const version: Answer = (_, response) => response.end('{"gitVersion":"v1"}')
/** Accepts only these tokens. */
const accepts =
  (...tokens: string[]): Answer =>
  (request, response, body) =>
    tokens.some((token) => request.headers.authorization === `Bearer ${token}`)
      ? version(request, response, body)
      : response.writeHead(401).end('{"kind":"Status","reason":"Unauthorized"}')

interface PluginOptions {
  exec?: object
  cluster?: object
  /** What the program does before it prints the token `t-RUN`. */
  script?: string
}

let count = 0

/** Connects to a server with a sign-in program; `runs` returns the KUBERNETES_EXEC_INFO of each of its runs. */
async function signedInBy(answer: Answer, { exec = {}, cluster = {}, script = '' }: PluginOptions = {}) {
  const server = await startAttacker(answer)
  const [program, log, path] = ['program', 'log', 'config'].map((name) => join(folder, `${name}-${++count}`))
  writeFileSync(log!, '')
  writeFileSync(
    program!,
    `#!/bin/sh
echo "$KUBERNETES_EXEC_INFO" >> ${log}
${script}
echo '{"status":{"token":"t-'$(grep -c . ${log})'"}}'
`,
    { mode: 0o755 },
  )
  const ca = Buffer.from(authority.cert).toString('base64')
  writeFileSync(
    path!,
    stringify({
      'current-context': 'c',
      clusters: [
        { name: 'c', cluster: { server: server.origin, 'certificate-authority-data': ca, ...cluster } },
      ],
      users: [
        {
          name: 'c',
          user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: program, ...exec } },
        },
      ],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'c' } }],
    }),
  )
  const api = clients.kubernetes({ kind: 'kubeconfig', path: path!, context: undefined })
  const runs = () => readFileSync(log!, 'utf8').trim().split('\n')
  return { api, server, ca, runs, specs: () => runs().map((each) => JSON.parse(each).spec) }
}

test('requests at the same time start one sign-in program', async () => {
  const { api, runs } = await signedInBy(version, { script: 'sleep 0.3' })
  await Promise.all([api.version(), api.version(), api.get('Namespace', 'a'), api.get('Namespace', 'b')])
  assert.equal(runs().length, 1)
})

test('a sign-in program that failed for one request runs again for the next', async () => {
  const { api, runs } = await signedInBy(version, { script: 'exit 1' })
  await assert.rejects(Promise.all([api.version(), api.version()]), { code: 'ExecPluginFailed' })
  await assert.rejects(api.version(), { code: 'ExecPluginFailed' })
  assert.equal(runs().length, 2)
})

test('a rejected credential is replaced, once for all requests', async () => {
  const { api, runs, server } = await signedInBy(accepts('t-2'), { script: 'sleep 0.1' })
  await Promise.all([api.version(), api.version(), api.version()])
  await api.version()
  assert.equal(runs().length, 2)
  assert.equal(server.received.at(-1)?.authorization, 'Bearer t-2')
})

test('a server that rejects every credential gets two for a request, and the error is its own', async () => {
  const { api, runs } = await signedInBy(accepts())
  await assert.rejects(api.version(), { status: 401 })
  assert.equal(runs().length, 2)
})

test('a sign-in program gets no cluster unless the kubeconfig asks for it', async () => {
  const { api, specs } = await signedInBy(version)
  await api.version()
  assert.deepEqual(specs(), [{ interactive: false }])
})

test('provideClusterInfo: a sign-in program gets the cluster, with its own configuration', async () => {
  const { api, server, ca, specs } = await signedInBy(version, {
    exec: { provideClusterInfo: true },
    cluster: {
      'tls-server-name': 'localhost',
      extensions: [
        { name: 'other', extension: { audience: 'no' } },
        { name: 'client.authentication.k8s.io/exec', extension: { audience: 'a1', nested: { n: [1] } } },
      ],
    },
  })
  await api.version()
  assert.deepEqual(specs(), [
    {
      cluster: {
        server: server.origin,
        'tls-server-name': 'localhost',
        'certificate-authority-data': ca,
        config: { audience: 'a1', nested: { n: [1] } },
      },
      interactive: false,
    },
  ])
})

test("provideClusterInfo: an authority's file is read", async () => {
  const file = join(folder, 'ca.pem')
  writeFileSync(file, authority.cert)
  const { api, ca, specs } = await signedInBy(version, {
    exec: { provideClusterInfo: true },
    cluster: { 'certificate-authority-data': undefined, 'certificate-authority': file },
  })
  await api.version()
  assert.equal(specs()[0].cluster['certificate-authority-data'], ca)
})
