import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from 'jose'
import type { Sandbox } from '../../../sandbox/index.ts'
import { rotateSigningKeys } from '../../../sandbox/kube/clusters.ts'
import { fqdn, openKube } from '../../support/kube-session.ts'
import { request } from '../../support/request.ts'
import { newSandbox } from '../../support/sandbox.ts'

let sandbox: Sandbox
let shop: Awaited<ReturnType<typeof openKube>>
const accounts = '/api/v1/namespaces/shop/serviceaccounts'
const account = (annotations: Record<string, string>, name = 'api') => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, annotations },
})

before(async () => {
  sandbox = await newSandbox()
  shop = await openKube(sandbox)
  await shop.call('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop' },
  })
})
after(() => sandbox.close())

test('a kubeconfig connects to the cluster; other tokens are rejected', async () => {
  const { config, call } = shop
  assert.equal(config['current-context'], 'c1')
  assert.equal(config.contexts[0].context.user, 'clusterUser_rg_c1')
  const listed = await call('GET', '/api/v1/namespaces')
  assert.deepEqual(
    listed.body.items.map((each: { metadata: { name: string } }) => each.metadata.name),
    ['default', 'kube-node-lease', 'kube-public', 'kube-system', 'shop'],
  )
  assert.equal(listed.body.kind, 'NamespaceList')
  assert.equal(listed.body.items[0].kind, undefined)
  const unauthorized = await call('GET', '/api/v1/namespaces', undefined, { token: 'nobody' })
  assert.equal(unauthorized.status, 401)
  assert.deepEqual(unauthorized.body, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'Unauthorized',
    reason: 'Unauthorized',
    code: 401,
  })
  const version = await request(sandbox, `${sandbox.simulator.addresses.kube}/${fqdn}/version`)
  assert.equal(version.body.gitVersion, 'v1.34.2')
})

test('a new namespace has a default service account; a missing namespace rejects content', async () => {
  const { call } = shop
  assert.equal((await call('GET', `${accounts}/default`)).status, 200)
  const lost = await call('POST', '/api/v1/namespaces/lost/serviceaccounts', account({}))
  assert.equal(lost.status, 404)
  assert.equal(lost.body.message, 'namespaces "lost" not found')
  const wrong = await call('POST', accounts, account({}, 'A_b'))
  assert.equal(wrong.status, 422)
  assert.match(wrong.body.message, /^ServiceAccount "A_b" is invalid: metadata.name: Invalid value: "A_b": /)
  const twin = await call('POST', accounts, account({}, 'default'))
  assert.deepEqual([twin.status, twin.body.reason], [409, 'AlreadyExists'])
  const absent = await call('GET', `${accounts}/nobody`)
  assert.deepEqual(absent.body.details, { name: 'nobody', kind: 'serviceaccounts' })
})

test('tokens are signed with keys that the issuer publishes', async () => {
  const { call, made } = shop
  const createToken = (spec: object) =>
    call('POST', `${accounts}/default/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec,
    })
  const answer = await createToken({ audiences: ['api://AzureADTokenExchange'] })
  assert.equal(answer.status, 201)
  const { token } = answer.body.status
  const documents = `${made.issuer}.well-known/openid-configuration`
  const discovery = await request(sandbox, documents)
  assert.equal(discovery.body.issuer, made.issuer)
  assert.equal(discovery.headers['cache-control'], 'public, max-age=3600')
  const keys = (await request(sandbox, discovery.body.jwks_uri)).body.keys
  assert.equal(keys.length, 2)
  assert.ok(keys.every((key: object) => !('d' in key)))
  const header = decodeProtectedHeader(token)
  assert.deepEqual(Object.keys(header).sort(), ['alg', 'kid'])
  const key = await importJWK(keys.find((each: { kid: string }) => each.kid === header.kid))
  const { payload } = await jwtVerify(token, key, { issuer: made.issuer })
  assert.equal(payload.sub, 'system:serviceaccount:shop:default')
  assert.deepEqual(payload.aud, ['api://AzureADTokenExchange'])
  assert.equal(payload.exp! - payload.iat!, 3600)
  const short = await createToken({ expirationSeconds: 60 })
  assert.equal(short.status, 422)
  assert.match(
    short.body.message,
    /spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes/,
  )
  assert.equal((await request(sandbox, documents.replace('westus2', 'eastus'))).status, 404)
})

test('after a rotation the new key signs and the previous one stays valid until the next', async () => {
  const { call, made } = shop
  const kid = async () =>
    decodeProtectedHeader((await call('POST', `${accounts}/default/token`, {})).body.status.token).kid
  const published = async () =>
    (await request(sandbox, `${made.issuer}openid/v1/jwks`)).body.keys.map(
      (each: { kid: string }) => each.kid,
    )
  const first = await kid()
  await rotateSigningKeys(sandbox.simulator, fqdn)
  assert.notEqual(await kid(), first)
  assert.ok((await published()).includes(first))
  await rotateSigningKeys(sandbox.simulator, fqdn)
  assert.ok(!(await published()).includes(first))
})

test('server-side apply tracks the owners of fields', async () => {
  const { call, apply } = shop
  const key = 'azure.workload.identity/client-id'
  const at = `${accounts}/api`
  const made = await apply(at, account({ [key]: 'one', extra: 'x' }))
  assert.equal(made.status, 201)
  const again = await apply(at, account({ [key]: 'one', extra: 'x' }))
  assert.equal(again.status, 200)
  assert.deepEqual(again.body, made.body)
  await call(
    'PATCH',
    `${at}?fieldManager=kubectl-annotate`,
    { metadata: { annotations: { [key]: 'two' } } },
    { type: 'application/merge-patch+json' },
  )
  const conflict = await apply(at, account({ [key]: 'one', extra: 'x' }))
  assert.equal(conflict.status, 409)
  assert.equal(
    conflict.body.message,
    `Apply failed with 1 conflict: conflict with "kubectl-annotate" using v1: .metadata.annotations.${key}`,
  )
  assert.deepEqual(conflict.body.details.causes, [
    {
      reason: 'FieldManagerConflict',
      message: 'conflict with "kubectl-annotate" using v1',
      field: `.metadata.annotations.${key}`,
    },
  ])
  const helm = await apply(at, account({ other: 'h' }), 'fieldManager=helm')
  assert.equal(helm.status, 200)
  const clash = await apply(at, account({ [key]: 'two', extra: 'x', other: 'mine' }))
  assert.equal(
    clash.body.message,
    'Apply failed with 1 conflict: conflict with "helm": .metadata.annotations.other',
  )
  const forced = await apply(at, account({ [key]: 'one' }), 'fieldManager=wi-setup&force=true')
  assert.deepEqual(forced.body.metadata.annotations, { [key]: 'one', other: 'h' })
  const dry = await apply(at, account({ [key]: 'three' }), 'fieldManager=wi-setup&dryRun=All')
  assert.equal(dry.body.metadata.annotations[key], 'three')
  assert.equal((await call('GET', at)).body.metadata.annotations[key], 'one')
  const withoutManager = await apply(at, account({}), 'force=true')
  assert.equal(
    withoutManager.body.message,
    'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
  )
})

test('an item that is no longer applied is removed from its list; others stay', async () => {
  const { apply } = shop
  const at = '/apis/apps/v1/namespaces/shop/deployments/idle'
  const idle = (env: string[]) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'idle' },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'idle' } },
      template: {
        metadata: { labels: { app: 'idle' } },
        spec: {
          containers: [{ name: 'x', image: 'i:1', env: env.map((name) => ({ name, value: '1' })) }],
        },
      },
    },
  })
  await apply(at, idle(['A', 'B']))
  await apply(at, idle(['B', 'C']), 'fieldManager=other')
  const { body } = await apply(at, idle([]))
  assert.deepEqual(
    body.spec.template.spec.containers[0].env.map((each: { name: string }) => each.name),
    ['B', 'C'],
  )
})

test('a service account has the permissions of its roles', async () => {
  const { call, made } = shop
  const { token } = (await call('POST', `${accounts}/default/token`, {})).body.status
  assert.equal(decodeJwt(token).iss, made.issuer)
  const mine = { token }
  const denied = await call('GET', accounts, undefined, mine)
  assert.equal(denied.status, 403)
  assert.equal(
    denied.body.message,
    'serviceaccounts is forbidden: User "system:serviceaccount:shop:default" cannot list resource "serviceaccounts" in API group "" in the namespace "shop"',
  )
  const review = (verb: string) =>
    call(
      'POST',
      '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      { spec: { resourceAttributes: { namespace: 'shop', verb, resource: 'serviceaccounts' } } },
      mine,
    )
  assert.equal((await review('list')).body.status.allowed, false)
  const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/shop'
  await call('POST', `${rbac}/roles`, {
    metadata: { name: 'reader' },
    rules: [{ apiGroups: [''], resources: ['serviceaccounts'], verbs: ['list'] }],
  })
  await call('POST', `${rbac}/rolebindings`, {
    metadata: { name: 'reader' },
    roleRef: { kind: 'Role', name: 'reader' },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'shop' }],
  })
  const allowed = await review('list')
  assert.equal(allowed.status, 201)
  assert.equal(allowed.body.status.allowed, true)
  assert.equal((await review('delete')).body.status.allowed, false)
  assert.equal((await call('GET', accounts, undefined, mine)).status, 200)
  const issuer = await call('GET', '/.well-known/openid-configuration', undefined, mine)
  assert.equal(issuer.body.issuer, made.issuer)
})

test('a stale update is rejected; a page continues after the previous one', async () => {
  const { call } = shop
  const maps = '/api/v1/namespaces/shop/configmaps'
  for (const name of ['a', 'b', 'c'])
    await call('POST', maps, {
      metadata: { name, labels: { app: name === 'c' ? 'y' : 'x' } },
      data: { k: '1' },
    })
  const old = (await call('GET', `${maps}/a`)).body
  assert.equal((await call('PUT', `${maps}/a`, { ...old, data: { k: '2' } })).status, 200)
  const stale = await call('PUT', `${maps}/a`, { ...old, data: { k: '3' } })
  assert.equal(stale.status, 409)
  assert.match(
    stale.body.message,
    /^Operation cannot be fulfilled on configmaps "a": the object has been modified/,
  )
  const names = (body: { items: { metadata: { name: string } }[] }) =>
    body.items.map((each) => each.metadata.name)
  const page = await call('GET', `${maps}?labelSelector=app%3Dx&limit=1`)
  assert.deepEqual(names(page.body), ['a'])
  const next = await call(
    'GET',
    `${maps}?labelSelector=app%3Dx&limit=1&continue=${page.body.metadata.continue}`,
  )
  assert.deepEqual(names(next.body), ['b'])
  assert.equal(next.body.metadata.continue, undefined)
  assert.deepEqual(names((await call('GET', `${maps}?labelSelector=app%20notin%20(x),app`)).body), ['c'])
})

test('deleting a namespace deletes its contents', async () => {
  const { call } = shop
  await call('POST', '/api/v1/namespaces', { metadata: { name: 'brief' } })
  await call('POST', '/api/v1/namespaces/brief/configmaps', { metadata: { name: 'x' } })
  const marked = await call('DELETE', '/api/v1/namespaces/brief')
  assert.equal(marked.body.status.phase, 'Terminating')
  assert.equal((await call('GET', '/api/v1/namespaces/brief')).status, 404)
  assert.equal((await call('GET', '/api/v1/namespaces/brief/configmaps/x')).status, 404)
})
