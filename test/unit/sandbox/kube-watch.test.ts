import assert from 'node:assert/strict'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { request as open } from 'node:https'
import { after, before, test } from 'node:test'
import type { Sandbox } from '../../../sandbox/index.ts'
import { openKube } from '../../support/kube-session.ts'
import { request } from '../../support/request.ts'
import { newSandbox } from '../../support/sandbox.ts'
import { waitUntil } from '../../support/wait-until.ts'

let sandbox: Sandbox
let server: string
let token: string
let call: Awaited<ReturnType<typeof openKube>>['call']

before(async () => {
  sandbox = await newSandbox()
  const kube = await openKube(sandbox)
  call = kube.call
  server = kube.config.clusters[0].cluster.server
  token = kube.config.users[0].user.token
})
after(() => sandbox.close())

interface Told {
  type: string
  // biome-ignore lint/suspicious/noExplicitAny: objects of every kind
  object: any
}

/** An open watch: `next` waits for the next line; `undefined` once the watch has ended. */
function watch(path: string, accept = 'application/json') {
  const lines: Told[] = []
  let ended = false
  let rest = ''
  const sent: ClientRequest = open(
    `${server}${path}`,
    { ca: sandbox.simulator.caPem, headers: { authorization: `Bearer ${token}`, accept } },
    (response: IncomingMessage) => {
      response.on('data', (part: Buffer) => {
        const parts = (rest + part).split('\n')
        rest = parts.pop()!
        lines.push(...parts.map((line) => JSON.parse(line) as Told))
      })
      response.on('close', () => {
        ended = true
      })
    },
  )
  sent.on('error', () => {})
  sent.end()
  const next = async (): Promise<Told | undefined> => {
    await waitUntil(() => lines.length || ended, `a line of ${path}`, { pollMs: 5 })
    return lines.shift()
  }
  return { next, stop: () => sent.destroy() }
}

const configMap = (name: string, labels = {}) => ({ metadata: { name, labels }, data: { a: 'b' } })
const inDefault = '/api/v1/namespaces/default/configmaps'

test('a watch sends initial events, a bookmark, then changes', async () => {
  await call('POST', inDefault, configMap('first'))
  const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
  const { next, stop } = watch(`${inDefault}?${query}&fieldSelector=metadata.name!=kube-root-ca.crt`)
  const first = await next()
  assert.deepEqual([first?.type, first?.object.metadata.name], ['ADDED', 'first'])
  const mark = await next()
  assert.equal(mark?.type, 'BOOKMARK')
  assert.equal(mark?.object.metadata.annotations['k8s.io/initial-events-end'], 'true')
  await call('POST', inDefault, configMap('second'))
  assert.deepEqual([(await next())?.object.metadata.name], ['second'])
  await call('DELETE', `${inDefault}/second`)
  assert.equal((await next())?.type, 'DELETED')
  stop()
})

test('a filtered watch reports objects that start or stop matching', async () => {
  const { body } = await call('GET', inDefault)
  const { next, stop } = watch(
    `${inDefault}?watch=1&labelSelector=seen%3Dyes&resourceVersion=${body.metadata.resourceVersion}`,
  )
  await call('POST', inDefault, configMap('passing'))
  const label = (seen: string) =>
    call(
      'PATCH',
      `${inDefault}/passing`,
      { metadata: { labels: { seen } } },
      {
        type: 'application/merge-patch+json',
      },
    )
  await label('yes')
  assert.equal((await next())?.type, 'ADDED')
  await label('no')
  assert.equal((await next())?.type, 'DELETED')
  stop()
})

test('a watch ends after its timeout and with the sandbox', async () => {
  const { body } = await call('GET', inDefault)
  const since = `resourceVersion=${body.metadata.resourceVersion}`
  assert.equal(await watch(`${inDefault}?watch=1&timeoutSeconds=1&${since}`).next(), undefined)
  const other = await newSandbox()
  const { config } = await openKube(other)
  const path = `${config.clusters[0].cluster.server}${inDefault}?watch=1&sendInitialEvents=true`
  const cut = request(other, path, { token: config.users[0].user.token }).catch((error) => error.code)
  await new Promise((resolve) => setTimeout(resolve, 200))
  await other.close()
  assert.equal(await cut, 'ECONNRESET')
})

test('a watch can send tables, as kubectl requests', async () => {
  const { next, stop } = watch(
    '/api/v1/nodes?watch=1',
    'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
  )
  const { object } = (await next()) ?? {}
  assert.equal(object.kind, 'Table')
  const columns = (object.columnDefinitions as { name: string; priority: number }[])
    .filter(({ priority }) => priority === 0)
    .map(({ name }) => name)
  assert.deepEqual(columns, ['Name', 'Status', 'Roles', 'Age', 'Version'])
  stop()
})

test("a field of the wrong type is rejected with the decoder's error", async () => {
  const deployment = (replicas: unknown, env: unknown[] = []) => ({
    metadata: { name: 'd' },
    spec: {
      replicas,
      selector: { matchLabels: { a: 'b' } },
      template: {
        metadata: { labels: { a: 'b' } },
        spec: {
          containers: [{ name: 'c', image: 'i', env }],
          volumes: [{ name: 'v', image: { reference: 'r' } }],
        },
      },
    },
  })
  const path = '/apis/apps/v1/namespaces/default/deployments?dryRun=All'
  const errorMessage = async (body: unknown) => (await call('POST', path, body)).body.message
  assert.match(
    await errorMessage(deployment('abc')),
    /cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec\.spec\.replicas of type int32$/,
  )
  assert.match(
    await errorMessage(deployment(1, [{ name: 'A', value: 1 }])),
    /cannot unmarshal number into Go struct field EnvVar\.spec\.template\.spec\.containers\.env\.value of type string$/,
  )
  assert.equal((await call('POST', path, deployment(1, [{ name: 'A', value: '1' }]))).status, 201)
})

test('the media type of the OpenAPI v2 document can be parsed by Go', async () => {
  const { headers } = await request(sandbox, `${server}/openapi/v2`, {
    token,
    headers: { accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf' },
  })
  assert.match(headers['content-type'] ?? '', /^application\/[\w.+-]+$/)
})
