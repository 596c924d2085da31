import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { type FaultRule, type FaultSettings, faultNames, type Sandbox } from '../../../../sandbox/index.ts'
import { makeCluster } from '../../../support/external-changes.ts'
import { type Answer, operatorToken, request } from '../../../support/request.ts'
import { newSandbox } from '../../../support/sandbox.ts'
import { waitUntil } from '../../../support/wait-until.ts'

let sandbox: Sandbox
let token: string
before(async () => {
  sandbox = await newSandbox()
  token = await operatorToken(sandbox, sandbox.simulator.addresses.arm)
})
after(() => sandbox.close())
afterEach(async () => {
  assert.equal((await control('DELETE')).status, 204)
})

const control = (method: string, json?: unknown, headers: Record<string, string> = {}) =>
  request(sandbox, `${sandbox.simulator.addresses.control}/faults`, {
    method,
    token: sandbox.controlToken,
    headers,
    ...(json === undefined ? {} : { json }),
  })

/** Adds rules through the control endpoint. */
const addRules = async (...rules: FaultRule[]) => {
  const { status, body } = await control('POST', { rules } satisfies FaultSettings)
  assert.equal(status, 200, JSON.stringify(body))
}

const inSubscription = (path: string) =>
  `${sandbox.simulator.addresses.arm}/subscriptions/${sandbox.state.subscription.id}${path}`
const group = (name: string, method = 'GET', json?: unknown) =>
  request(sandbox, inSubscription(`/resourcegroups/${name}?api-version=2025-04-01`), {
    method,
    token,
    ...(json === undefined ? {} : { json }),
  })
const createGroup = (name: string) => group(name, 'PUT', { location: 'westeurope' })

test('a rule applies to the nth matching request, the given number of times', async () => {
  await addRules({ fault: '503', method: 'put', path: '*/resourcegroups/*', nth: 2, times: 2 })
  const statuses: number[] = []
  for (const name of ['a', 'b', 'c', 'd']) statuses.push((await createGroup(`rg-count-${name}`)).status)
  assert.deepEqual(statuses, [201, 503, 503, 201])
  assert.equal((await group('rg-count-b')).status, 404)
  const { rules } = (await control('GET')).body
  assert.deepEqual([rules[0].seen, rules[0].hit], [4, 2])
})

test('the connection is cut before or after the request is handled', async () => {
  await addRules({ fault: 'cut-before', method: 'PUT', path: '*rg-before' })
  await addRules({ fault: 'cut-after', method: 'PUT', path: '*rg-after' })
  await assert.rejects(createGroup('rg-before'), { code: 'ECONNRESET' })
  await assert.rejects(createGroup('rg-after'), { code: 'ECONNRESET' })
  assert.equal((await group('rg-before')).status, 404)
  assert.equal((await group('rg-after')).status, 200)
})

test('connections are refused for a time', async () => {
  await addRules({ fault: 'refuse', path: '*rg-refused', ms: 150 })
  await assert.rejects(createGroup('rg-refused'), { code: 'ECONNRESET' })
  await assert.rejects(createGroup('rg-refused'), { code: 'ECONNREFUSED' })
  let created: Answer | undefined
  await waitUntil(async () => {
    created = await createGroup('rg-refused').catch(() => undefined)
    return created
  }, 'the connections to be accepted')
  assert.equal(created?.status, 201)
})

test('a response can be late, truncated or an HTML page', async () => {
  await addRules(
    { fault: 'delay', path: '*rg-late', ms: 80 },
    { fault: 'truncated', path: '*rg-half' },
    { fault: 'not-json', path: '*rg-page' },
  )
  const began = performance.now()
  assert.equal((await createGroup('rg-late')).status, 201)
  assert.ok(performance.now() - began >= 79)
  await assert.rejects(createGroup('rg-half'), { code: 'ECONNRESET' })
  assert.equal((await group('rg-half')).status, 200)
  const page = await createGroup('rg-page')
  assert.deepEqual([page.status, page.headers['content-type']], [200, 'text/html'])
  assert.match(page.body, /<html>/)
})

test('every service rejects an expired token in its own words, and accepts a new one', async () => {
  await addRules({ fault: 'expired-token', role: 'arm' }, { fault: 'expired-token', role: 'graph' })
  const old = token
  const refused = await group('rg-x')
  assert.deepEqual([refused.status, refused.body.error.code], [401, 'ExpiredAuthenticationToken'])
  assert.equal((await group('rg-x')).status, 401, 'and from now on')
  token = await operatorToken(sandbox, sandbox.simulator.addresses.arm)
  assert.notEqual(token, old)
  assert.equal((await group('rg-x')).status, 404)
  const { graph } = sandbox.simulator.addresses
  const directory = await request(sandbox, `${graph}/v1.0/applications`, {
    token: await operatorToken(sandbox, graph),
  })
  assert.deepEqual(
    [directory.status, directory.body.error.message],
    [401, 'Lifetime validation failed, the token is expired.'],
  )
})

const refusals = {
  arm: () => group('rg-x'),
  graph: async () => request(sandbox, `${sandbox.simulator.addresses.graph}/v1.0/applications`, { token }),
  login: async () =>
    request(sandbox, `${sandbox.simulator.addresses.login}/x/oauth2/v2.0/token`, { form: {} }),
  vault: async () =>
    request(
      sandbox,
      `https://kv-x.${sandbox.simulator.addresses.vaultSuffix}/secrets/s?api-version=2025-07-01`,
    ),
  kube: async () => request(sandbox, `${sandbox.simulator.addresses.kube}/c/api/v1/namespaces/x`, { token }),
} as const

const wanted: Record<keyof typeof refusals, Record<string, unknown>> = {
  arm: {
    '429': [429, 'SubscriptionRequestsThrottled'],
    '503': [503, 'ServiceUnavailable'],
    busy: [409, 'AnotherOperationInProgress'],
  },
  graph: {
    '429': [429, 'TooManyRequests'],
    'concurrent-write': [409, 'Directory_ConcurrencyViolation'],
  },
  login: { '429': [429, 'temporarily_unavailable'], '503': [503, 'temporarily_unavailable'] },
  vault: { '429': [429, 'Throttled'], busy: [409, 'Conflict'] },
  kube: {
    '429': [429, 'TooManyRequests'],
    '504': [504, 'Timeout'],
    'concurrent-write': [409, 'Conflict'],
  },
}

for (const [role, of] of Object.entries(wanted))
  test(`failures in the words of ${role}`, async () => {
    for (const [fault, shape] of Object.entries(of)) {
      await addRules({ fault: fault as FaultRule['fault'], role: role as 'arm', retryAfter: 7 })
      const { status, body, headers } = await refusals[role as keyof typeof refusals]()
      const code = body.reason ?? (typeof body.error === 'string' ? body.error : body.error.code)
      assert.deepEqual([status, code], shape)
      assert.equal(headers['retry-after'], '7')
    }
    await addRules({ fault: '502', role: role as 'arm' })
    const page = await refusals[role as keyof typeof refusals]()
    assert.deepEqual([page.status, page.headers['content-type']], [502, 'text/html'])
  })

test('errors of AKS have no error member', async () => {
  await addRules({ fault: 'busy', path: '*/managedClusters/*' })
  const { status, body } = await request(
    sandbox,
    inSubscription(
      '/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/c?api-version=2026-04-01',
    ),
    { token },
  )
  assert.deepEqual([status, body.code, body.error], [409, 'OperationNotAllowed', undefined])
  assert.match(body.message, /there's an in progress update managed cluster operation/)
})

for (const [fault, status, code, state] of [
  ['operation-fails', 'Failed', 'InternalOperationError', 'Failed'],
  ['operation-canceled', 'Canceled', 'OperationCanceled', 'Canceled'],
  ['operation-gone', undefined, 'NotFound', 'Succeeded'],
] as const)
  test(`a long-running operation: ${fault}`, async () => {
    const name = `aks-${fault}`
    await request(
      sandbox,
      inSubscription('/providers/Microsoft.ContainerService/register?api-version=2025-04-01'),
      { method: 'POST', token },
    )
    await createGroup('rg-long')
    await addRules({ fault, path: '*/managedClusters/*', method: 'PUT' })
    await makeCluster(sandbox, 'rg-long', name, { location: 'westeurope', tags: {} })
    const [operation] = Object.values(sandbox.state.arm.operations).filter((each) =>
      each.resourceId.endsWith(name),
    )
    const result = await request(
      sandbox,
      inSubscription(
        `/providers/Microsoft.ContainerService/locations/westeurope/operations/${operation!.id}?api-version=2026-04-01`,
      ),
      { token },
    )
    assert.deepEqual([result.body.status, result.body.error.code], [status, code])
    const cluster = await request(
      sandbox,
      inSubscription(
        `/resourceGroups/rg-long/providers/Microsoft.ContainerService/managedClusters/${name}?api-version=2026-04-01`,
      ),
      { token },
    )
    assert.equal(cluster.body.properties.provisioningState, state)
  })

test('lags and the clock can be set', async () => {
  const { graph } = sandbox.simulator.addresses
  const auth = { token: await operatorToken(sandbox, graph) }
  const { body } = await control('POST', { lags: { directoryLag: 60_000 } })
  assert.deepEqual(body.lags, { directoryLag: 60_000 })
  const created = await request(sandbox, `${graph}/v1.0/applications`, {
    ...auth,
    method: 'POST',
    json: { displayName: 'late' },
  })
  assert.equal(created.status, 201)
  assert.equal((await request(sandbox, `${graph}/v1.0/applications/${created.body.id}`, auth)).status, 404)
  await control('POST', { skew: 3_600_000 })
  const seen = await request(sandbox, `${graph}/v1.0/applications/${created.body.id}`, {
    token: await operatorToken(sandbox, graph),
  })
  assert.equal(seen.status, 200, 'an hour later by its clock')
  assert.ok(Date.parse(seen.headers.date!) > Date.now() + 3_500_000)
})

test('invalid settings report every error and change nothing', async () => {
  const sent = { rules: [{ fault: '418', nth: 0, pth: '*' }], lags: { moon: 1 }, speed: 2 }
  const { status, body } = await control('POST', sent)
  assert.equal(status, 400)
  for (const part of [...faultNames, '"pth"', 'nth must be', '"moon"', '"speed"'])
    assert.ok(body.error.message.includes(part), part)
  assert.deepEqual((await control('GET')).body, { rules: [], lags: {}, skew: 0 })
  assert.equal((await control('PUT', {})).status, 405)
})

test('web pages cannot add faults', async () => {
  const answer = await control('POST', { rules: [] }, { origin: 'https://evil.example' })
  assert.equal(answer.status, 403)
})
