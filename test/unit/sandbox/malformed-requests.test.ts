import assert from 'node:assert/strict'
import { Agent, request as open } from 'node:https'
import { after, before, test } from 'node:test'
import type { Sandbox } from '../../../sandbox/index.ts'
import { openKube } from '../../support/kube-session.ts'
import { operatorToken, request } from '../../support/request.ts'
import { newSandbox } from '../../support/sandbox.ts'

// Malformed bodies: each is rejected in the service's own words, and the sandbox works afterwards.

let sandbox: Sandbox
let kube: Awaited<ReturnType<typeof openKube>>
let token: string
before(async () => {
  sandbox = await newSandbox()
  kube = await openKube(sandbox)
  token = await operatorToken(sandbox, sandbox.simulator.addresses.graph)
})
after(() => sandbox.close())

const graph = (method: string, path: string, json: unknown) =>
  request(sandbox, `${sandbox.simulator.addresses.graph}/v1.0${path}`, { method, token, json })

/** An object that throws when it is converted to a string. */
const trap = { toString: 'x' }

test('the connection closes after a body that is too large', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const send = (method: string, body?: Buffer) =>
    new Promise<{ status?: number; connection?: string }>((resolve, reject) => {
      const sent = open(
        `${sandbox.simulator.addresses.control}/status`,
        {
          method,
          agent,
          ca: sandbox.simulator.caPem,
          headers: { authorization: `Bearer ${sandbox.controlToken}` },
          timeout: 5000,
        },
        (response) => {
          response.resume()
          response.on('end', () =>
            resolve({ status: response.statusCode!, connection: response.headers.connection! }),
          )
        },
      )
      sent.on('timeout', () => sent.destroy(new Error('nobody answered')))
      sent.on('error', reject)
      sent.end(body)
    })
  try {
    const refused = await send('POST', Buffer.alloc(5 * 1024 * 1024, 0x20)).catch(() => undefined)
    if (refused) assert.deepEqual(refused, { status: 413, connection: 'close' })
    assert.equal((await send('GET')).status, 200)
  } finally {
    agent.destroy()
  }
})

test('Graph names the property that has the wrong type', async () => {
  const { body: app } = await graph('POST', '/applications', { displayName: 'f' })
  const principal = Object.keys(sandbox.state.directory.servicePrincipals)[0]!
  const at = `/applications/${app.id}`
  const cases: [string, unknown][] = [
    [`${at}/addPassword`, { passwordCredential: { endDateTime: trap } }],
    [`${at}/removePassword`, { keyId: trap }],
    [`${at}/owners/$ref`, { '@odata.id': trap }],
    [
      `/servicePrincipals/${principal}/appRoleAssignments`,
      { principalId: principal, resourceId: principal, appRoleId: trap },
    ],
    ['/directoryObjects/getByIds', { ids: [principal], types: [trap] }],
    ['/directoryObjects/getByIds', { ids: [trap] }],
    ['/applications', { displayName: 'x', web: { redirectUris: 'https://x' } }],
    ['/applications', { displayName: 'x', optionalClaims: { idToken: 'x' } }],
    ['/$batch', { requests: [{ id: '1', method: 'GET', url: '/me', dependsOn: 'x' }] }],
  ]
  for (const [path, body] of cases) {
    const { status, body: answer } = await graph('POST', path, body)
    assert.equal(status, 400, `${path} ${JSON.stringify(answer)}`)
    assert.match(answer.error.code, /BadRequest/, path)
  }
})

test('Kubernetes rejects values of the wrong type, as Go does', async () => {
  const { call } = kube
  const accounts = '/api/v1/namespaces/default/serviceaccounts'
  const bindings = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings'
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' }
  const hooks = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'
  const cases: [string, unknown, RegExp][] = [
    [
      accounts,
      { apiVersion: trap, metadata: { name: 'a' } },
      /object into Go struct field TypeMeta.apiVersion of type string/,
    ],
    [
      accounts,
      { kind: 1, metadata: { name: 'a' } },
      /number into Go struct field TypeMeta.kind of type string/,
    ],
    [accounts, { metadata: { name: trap } }, /ObjectMeta.metadata.name of type string/],
    [
      accounts,
      { metadata: { name: 'a', ownerReferences: 'x' } },
      /ownerReferences of type \[\]v1.OwnerReference/,
    ],
    [accounts, { metadata: { name: 'a', finalizers: [1] } }, /finalizers of type \[\]string/],
    [bindings, { metadata: { name: 'b' }, roleRef, subjects: 'x' }, /subjects of type \[\]v1.Subject/],
    [bindings, { metadata: { name: 'b' }, roleRef, subjects: [null] }, /of type v1.Subject/],
    [hooks, { metadata: { name: 'h' }, webhooks: 'x' }, /webhooks of type \[\]v1.Webhook/],
    [
      '/api/v1/namespaces/default/pods',
      { metadata: { name: 'p' }, spec: { containers: { name: 'c' } } },
      /spec.containers of type \[\]v1.Container/,
    ],
    [
      '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      { spec: { resourceAttributes: { verb: ['get'], resource: 'pods' } } },
      /cannot be handled as a SelfSubjectAccessReview/,
    ],
  ]
  for (const [path, body, message] of cases) {
    const { status, body: answer } = await call('POST', path, body)
    assert.deepEqual([status, answer.reason], [400, 'BadRequest'], `${path} ${JSON.stringify(answer)}`)
    assert.match(answer.message, message)
  }
})

test('an invalid role binding is rejected, and access reviews still work', async () => {
  const { call } = kube
  const bindings = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings'
  const refused = await call('POST', bindings, {
    metadata: { name: 'odd' },
    roleRef: { kind: 'Thing', name: 'x' },
    subjects: [
      { kind: 'ServiceAccount', name: 'default' },
      { kind: 'Robot', name: 'r' },
    ],
  })
  assert.equal(refused.status, 422)
  assert.deepEqual(
    refused.body.details.causes.map(({ field, reason }: { field: string; reason: string }) => [
      field,
      reason,
    ]),
    [
      ['roleRef.kind', 'FieldValueNotSupported'],
      ['subjects[0].namespace', 'FieldValueRequired'],
      ['subjects[1].kind', 'FieldValueNotSupported'],
    ],
  )
  const review = await call('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    spec: {
      user: 'system:serviceaccount:default:default',
      resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'default' },
    },
  })
  assert.deepEqual([review.status, review.body.status.allowed], [201, false])
})

test('a JSON patch does not reach a prototype', async () => {
  const { call } = kube
  const path = '/api/v1/namespaces/default/serviceaccounts/default'
  for (const way of [
    '/__proto__/polluted',
    '/metadata/__proto__/polluted',
    '/constructor/prototype/polluted',
  ]) {
    const patch = [{ op: 'add', path: way, value: 'yes' }]
    const { status } = await call('PATCH', path, patch, { type: 'application/json-patch+json' })
    assert.equal(status, 422, way)
    assert.equal(({} as { polluted?: string }).polluted, undefined)
  }
})

test('an invalid replica count is rejected in every kind of write, and the cluster keeps running', async () => {
  const { call } = kube
  const at = '/apis/apps/v1/namespaces/default/deployments'
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'x' }] } }
  const deployment = (replicas: unknown, name = 'sized') => ({
    metadata: { name, creationTimestamp: null },
    spec: { replicas, selector: { matchLabels: { a: 'b' } }, template, strategy: null },
  })
  assert.equal((await call('POST', at, deployment(1))).status, 201)
  for (const replicas of [trap, 'many', [1]]) {
    assert.equal((await call('POST', at, deployment(replicas, 'other'))).status, 400)
    const scale = { metadata: { name: 'sized', namespace: 'default' }, spec: { replicas } }
    assert.equal((await call('PUT', `${at}/sized/scale`, scale)).status, 400)
  }
  for (const replicas of [-1, 1.5, 1_000_000]) {
    assert.equal((await call('POST', at, deployment(replicas, 'other'))).status, 422)
    const merge = { type: 'application/merge-patch+json' }
    assert.equal((await call('PATCH', `${at}/sized/scale`, { spec: { replicas } }, merge)).status, 422)
  }
  const { status, body } = await call('GET', at)
  assert.deepEqual([status, body.items.length, body.items[0].spec.replicas], [200, 1, 1])
})

test('null counts as missing, and invalid patches and token requests return 400', async () => {
  const { call } = kube
  const pod = await call('POST', '/api/v1/namespaces/default/pods', {
    metadata: { name: 'nulls', labels: null },
    spec: { containers: [{ name: 'c', image: 'x', env: null }], volumes: null, securityContext: null },
  })
  assert.equal(pod.status, 201)
  assert.equal(
    (await call('POST', '/api/v1/namespaces/default/pods', { metadata: { name: 'n' }, spec: null })).status,
    422,
  )
  const account = '/api/v1/namespaces/default/serviceaccounts/default'
  const json = { type: 'application/json-patch+json' }
  for (const patch of [[{ op: 'test', value: 1 }], [null], [{ op: 'move', path: '/a', from: 1 }]])
    assert.equal((await call('PATCH', account, patch, json)).status, 400, JSON.stringify(patch))
  for (const spec of [{ expirationSeconds: trap }, { audiences: 'a' }, { boundObjectRef: { kind: trap } }])
    assert.equal((await call('POST', `${account}/token`, { spec })).status, 400, JSON.stringify(spec))
})

test('endpoints without addresses are listed, and a body that is too large returns a Status', async () => {
  const { call } = kube
  await call('POST', '/api/v1/namespaces/default/endpoints', { metadata: { name: 'e' }, subsets: [{}] })
  const tables = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }
  const { server } = kube.config.clusters[0].cluster
  const admin: string = kube.config.users[0].user.token
  const shown = await request(sandbox, `${server}/api/v1/namespaces/default/endpoints`, {
    token: admin,
    headers: tables,
  })
  assert.equal(shown.status, 200)
  assert.ok(
    shown.body.rows.some(({ cells }: { cells: string[] }) => cells[0] === 'e' && cells[1] === '<none>'),
  )
  const big = await request(sandbox, `${server}/api/v1/namespaces/default/configmaps`, {
    method: 'POST',
    token: admin,
    json: { metadata: { name: 'big' }, data: { a: 'x'.repeat(5 * 1024 * 1024) } },
  }).catch(() => undefined)
  if (big) assert.deepEqual([big.status, big.body.reason], [413, 'RequestEntityTooLarge'])
})

test('system namespaces cannot be deleted', async () => {
  const { call } = kube
  for (const name of ['default', 'kube-system', 'kube-public']) {
    const { status, body } = await call('DELETE', `/api/v1/namespaces/${name}`)
    assert.equal(status, 403)
    assert.equal(body.message, `namespaces "${name}" is forbidden: this namespace may not be deleted`)
  }
  assert.equal((await call('DELETE', '/api/v1/namespaces')).status, 405)
  assert.equal((await call('GET', '/api/v1/namespaces/kube-system')).body.status.phase, 'Active')
})
