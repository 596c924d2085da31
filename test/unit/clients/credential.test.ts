import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { claimsOf, makeCredential } from '../../../src/clients/credential.ts'
import type { ServiceError } from '../../../src/clients/service-error.ts'
import { explain } from '../../../src/explain/index.ts'
import { connectedSandbox } from '../../support/sandbox.ts'

const directory = mkdtempSync(join(tmpdir(), 'wi-az-'))
const { PATH } = process.env
after(() => {
  process.env.PATH = PATH
  rmSync(directory, { recursive: true })
})
const callLog = join(directory, 'log')

/** Installs an `az` with this output that logs its arguments. The library runs it through a shell. */
function installAz(out: string, err = '') {
  const script = `#!/bin/sh\necho "$@" >> ${callLog}\ncat <<'END'\n${out}\nEND\ncat >&2 <<'END'\n${err}\nEND\n`
  writeFileSync(join(directory, 'az'), script)
  chmodSync(join(directory, 'az'), 0o755)
}
beforeEach(() => {
  process.env.PATH = `${directory}:/usr/bin:/bin`
  rmSync(callLog, { force: true })
})

test('each token is requested once', async () => {
  const { credential, cloud, sandbox } = await connectedSandbox()
  const tokenRequests = () => sandbox.journal.filter(({ path }) => path.endsWith('/token')).length
  const [one, two] = await Promise.all([
    credential.getToken(cloud.armScope),
    credential.getToken([cloud.armScope]),
  ])
  await credential.getToken(cloud.armScope)
  assert.equal(one?.token, two?.token)
  assert.equal(tokenRequests(), 1)
  await credential.getToken(cloud.graphScope)
  assert.equal(tokenRequests(), 2)
})

test('a wrong secret and an unknown tenant are AADSTS errors', async () => {
  const { cloud, http, signal, state: world } = await connectedSandbox()
  const { clientId } = world.operator
  const tenantId = world.tenant.id
  const env = { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: 'wrong' }
  await assert.rejects(
    makeCredential({ cloud, http, signal, env }).getToken(cloud.armScope) as Promise<unknown>,
    {
      service: 'entra',
      code: 'AADSTS7000215',
      message: /^Invalid client secret/,
    },
  )
  const explicit = { ...world.operator, tenantId: '00000000-0000-4000-8000-000000000000' }
  await assert.rejects(
    makeCredential({ cloud, http, signal, env: {}, explicit }).getToken(cloud.armScope) as Promise<unknown>,
    {
      service: 'entra',
      code: 'AADSTS90002',
    },
  )
})

test('an unreachable login host is a network error', async () => {
  const { cloud, http, signal, state: world } = await connectedSandbox()
  const away = { ...cloud, login: 'https://localhost:1' }
  const explicit = { ...world.operator, tenantId: world.tenant.id }
  await assert.rejects(
    makeCredential({ cloud: away, http, signal, env: {}, explicit }).getToken(
      away.armScope,
    ) as Promise<unknown>,
    {
      service: 'network',
      code: 'ECONNREFUSED',
      message: /^localhost:1 /,
    },
  )
})

test('the environment precedes the Azure CLI', async () => {
  installAz('{}')
  const { cloud, http, signal, state: world } = await connectedSandbox()
  const { clientId, clientSecret } = world.operator
  const env = {
    AZURE_TENANT_ID: world.tenant.id,
    AZURE_CLIENT_ID: clientId,
    AZURE_CLIENT_SECRET: clientSecret,
  }
  const token = await makeCredential({ cloud, http, signal, env }).getToken(cloud.armScope)
  assert.equal(claimsOf(token?.token ?? '').appid, clientId)
  assert.throws(() => readFileSync(callLog))
})

test("the Azure CLI's token is requested once, for the given tenant", async () => {
  installAz(`{"accessToken":"t1","expires_on":${Math.round(Date.now() / 1000) + 3600}}`)
  const { cloud, http, signal } = await connectedSandbox()
  const credential = makeCredential({
    cloud: { ...cloud, wellKnown: true },
    http,
    signal,
    env: {},
    tenantId: 'contoso.example',
  })
  const tokens = await Promise.all([credential.getToken(cloud.armScope), credential.getToken(cloud.armScope)])
  await credential.getToken(cloud.armScope)
  assert.deepEqual(
    tokens.map((each) => each?.token),
    ['t1', 't1'],
  )
  const calls = readFileSync(callLog, 'utf8').trim().split('\n')
  assert.equal(calls.length, 1)
  assert.match(calls[0] ?? '', /--tenant contoso\.example/)
})

test('a custom cloud gets no sign-in of another cloud from az, Azure PowerShell or azd', async () => {
  const { cloud, http, signal } = await connectedSandbox()
  const env = { PATH: process.env.PATH }
  const token = () =>
    makeCredential({ cloud, http, signal, env }).getToken(cloud.armScope) as Promise<unknown>
  installAz('https://management.azure.com/')
  await assert.rejects(token(), {
    code: 'NoCredential',
    message:
      /Azure CLI: not used, because its active cloud has the resource manager https:\/\/management\.azure\.com\/ instead of https:\/\/localhost:\d+\n {2}Azure PowerShell: not used.*\n {2}Azure Developer CLI: not used/,
  })
  assert.doesNotMatch(readFileSync(callLog, 'utf8'), /get-access-token/)
  installAz(`${cloud.arm}/`)
  // This az prints the address for its token, too.
  await assert.rejects(token(), { code: 'NoCredential', message: /Azure CLI: (?!not used)/ })
  assert.match(readFileSync(callLog, 'utf8'), /get-access-token/)
})

test("the cloud of az is read once for all tokens of a custom cloud's run", async () => {
  const { cloud, http, signal } = await connectedSandbox()
  const token = { accessToken: 't', expiresOn: new Date(Date.now() + 3_600_000).toISOString() }
  const script = `#!/bin/sh
echo "$@" >> ${callLog}
case $1 in
  cloud) echo '${cloud.arm}/' ;;
  *) echo '${JSON.stringify(token)}' ;;
esac
`
  writeFileSync(join(directory, 'az'), script)
  const credential = makeCredential({ cloud, http, signal, env: { PATH: process.env.PATH } })
  for (const scope of [cloud.armScope, cloud.graphScope])
    assert.equal((await credential.getToken(scope))?.token, 't')
  const calls = readFileSync(callLog, 'utf8').trim().split('\n')
  assert.deepEqual(
    calls.map((line) => line.split(' ').slice(0, 2).join(' ')),
    ['cloud show', 'account get-access-token', 'account get-access-token'],
  )
})

test('NoCredential lists every method that was tried', async () => {
  installAz('', "ERROR: Please run 'az login' to setup account.")
  const { cloud, http, signal } = await connectedSandbox()
  await assert.rejects(
    makeCredential({ cloud: { ...cloud, wellKnown: true }, http, signal, env: {} }).getToken(
      cloud.armScope,
    ) as Promise<unknown>,
    {
      service: 'entra',
      code: 'NoCredential',
      message:
        /Azure CLI: Please run 'az login'[^\n]*\n {2}Azure PowerShell: .*\n {2}Azure Developer CLI: .*$/,
    },
  )
})

for (const [err, line] of [
  [
    'Traceback (most recent call last):\n  File "az", line 3, in <module>\nModuleNotFoundError: No module named \'azure.cli\'',
    "ModuleNotFoundError: No module named 'azure.cli'",
  ],
  ['Fatal Python error: init_fs_encoding', 'Fatal Python error: init_fs_encoding'],
  [
    'az: /opt/az/bin/python3: bad interpreter: No such file or directory',
    'az: /opt/az/bin/python3: bad interpreter',
  ],
] as const)
  test(`an az that fails by itself is no missing sign-in: ${line}`, async () => {
    installAz('', err)
    const { cloud, http, signal } = await connectedSandbox()
    await assert.rejects(
      makeCredential({ cloud: { ...cloud, wellKnown: true }, http, signal, env: {} }).getToken(
        cloud.armScope,
      ) as Promise<unknown>,
      (error: ServiceError) => {
        assert.equal(error.code, 'SignInProgramFailed')
        assert.ok(error.message.startsWith(`Azure CLI failed: ${line}`), error.message)
        assert.match(explain(error).what, /^Azure CLI is installed, but fails: /)
        return true
      },
    )
  })

test('an unreliable connection to Entra is a network error, not NoCredential', async () => {
  const { credential, cloud } = await connectedSandbox({
    // Cuts the library's own requests, but not the one that determines the reason.
    intercept: async (call, act) =>
      call.path.endsWith('/openid-configuration') && /identity/.test(String(call.headers['user-agent']))
        ? 'cut'
        : act(),
  })
  await assert.rejects(credential.getToken(cloud.armScope) as Promise<unknown>, {
    service: 'network',
    code: 'ECONNRESET',
  })
})

test('a device code is shown once for all scopes, until an abort', async () => {
  installAz('', 'az login')
  const {
    cloud,
    http,
    state: world,
  } = await connectedSandbox({
    intercept: async (call, act) => {
      const reply = await act()
      return call.path.endsWith('/devicecode')
        ? { ...reply, body: { ...(reply.body as object), interval: 1 } }
        : reply
    },
  })
  const controller = new AbortController()
  const shown: string[] = []
  const credential = makeCredential({
    cloud,
    http,
    signal: controller.signal,
    env: {},
    tenantId: world.tenant.id,
    deviceCode: (message) => {
      shown.push(message)
      setTimeout(() => controller.abort(), 200)
    },
  })
  const ask = (scope: string) => assert.rejects(credential.getToken(scope) as Promise<unknown>)
  await Promise.all([ask(cloud.armScope), ask(cloud.graphScope)])
  assert.equal(shown.length, 1)
})
