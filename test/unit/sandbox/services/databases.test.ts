import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { mintAccessToken } from '../../../../sandbox/entra/access-tokens.ts'
import { type Databases, openDatabases } from '../../../support/database-session.ts'
import { runPython, withoutPackages } from '../../../support/python/python-sdks.ts'
import { operatorToken } from '../../../support/request.ts'

let at: Databases
before(async () => {
  at = await openDatabases()
})
after(() => at.sandbox.close())

const audience = 'https://ossrdbms-aad.database.windows.net'

test('psycopg signs in as the administrator, creates a role, and signs in as it', {
  skip: withoutPackages('psycopg'),
}, async () => {
  const { simulator, state } = at
  const { principal } = await at.newPrincipal()
  const tokenFor = async (resource: string) =>
    (await mintAccessToken(simulator, { principal, audience: resource, proof: 'certificate' })).token
  const token = await tokenFor(audience)
  const admin = [state.operator.displayName, await operatorToken(at.sandbox, audience)]
  const create = `SELECT * FROM pg_catalog.pgaadauth_create_principal_with_oid('app', '${principal.id}', 'service', false, false)`
  const whoAmI = ['SELECT current_user']
  const sessions = [
    ['app', token, whoAmI, 'shop'],
    [...admin, [create], 'postgres'],
    [...admin, ['GRANT CONNECT ON DATABASE "shop" TO "app"'], 'shop'],
    ['app', token, whoAmI, 'shop'],
    ['app', token, whoAmI, 'none'],
    ['app', await tokenFor('https://vault.azure.net'), whoAmI, 'shop'],
    ['app', admin[1], whoAmI, 'shop'],
    ['app', 'a password', whoAmI, 'shop'],
  ]
  const { port } = new URL(simulator.addresses.arm)
  const host = 'pg-shop.postgres.localhost'
  const options = { host, port, authority: simulator.caFile, sessions }
  assert.deepEqual(await runPython('sign-in-to-postgres.py', JSON.stringify(options)), [
    ['error', 'password authentication failed for user "app"'],
    ['Created role for "app"'],
    ['GRANT'],
    ['app'],
    ['error', 'database "none" does not exist'],
    ['error', 'The access token does not have a valid audience claim. Please acquire a new token and retry.'],
    ['error', 'Service Principals cannot generate AAD_AUTH_TOKENTYPE_APP_USER tokens for role[app]'],
    ['error', 'The access token has invalid format. Please acquire a new token and retry.'],
  ])
})

/** Sends bytes to a server after the TLS handshake, and returns how the connection ends. */
const ending = (servername: string, protocols: string[], bytes: Buffer) =>
  new Promise<string>((resolve) => {
    const socket: TLSSocket = connectTls({
      host: '127.0.0.1',
      port: Number(new URL(at.simulator.addresses.arm).port),
      servername,
      ca: at.simulator.caPem,
      ALPNProtocols: protocols,
    })
    let received = 0
    socket.on('secureConnect', () => socket.end(bytes))
    socket.on('data', (part: Buffer) => {
      received += part.length
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(received === 0 ? 'closed' : 'answered'))
  })

const login = (length: number) => {
  const packet = Buffer.alloc(8 + length, 0xff)
  packet.set([16, 1, 0, 0, 0, 0, 1, 0])
  packet.writeUInt16BE(8 + length, 2)
  return packet
}

test('malformed messages end their connection, and the sandbox keeps running', async () => {
  const server = 'sql-shop.database.localhost'
  for (const bytes of [Buffer.from('GET / HTTP/1.1\r\n\r\n'), login(4), login(200), Buffer.alloc(64, 1)])
    assert.equal(await ending(server, ['tds/8.0'], bytes), 'closed')
  assert.equal(await ending('none.database.localhost', ['tds/8.0'], login(4)), 'closed')
  assert.equal(await ending('kv-shop.vault.localhost', ['tds/8.0'], login(4)), 'closed')
  assert.equal((await at.call('GET', at.ids.sql)).status, 200)
})
