import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline'
import {
  aksServerApplication,
  recipientOf,
  requireVault,
  signInRecipient,
} from '../../../src/clients/audiences.ts'
import { clouds } from '../../../src/clients/cloud.ts'
import { isRecipient, makeCredentials, type Recipient } from '../../../src/clients/recipients.ts'

/** Returns addresses that look like `host`, and are someone else's. */
const lookalikes = (host: string): string[] => {
  const [first, ...rest] = host.split('.')
  const parent = rest.join('.')
  return [
    `https://${host}.evil.test`,
    `https://${host}.evil`,
    `https://evil-${host}`,
    `https://evil${host}`,
    `https://x.${host}.evil.test`,
    `https://evil.${parent}`,
    `https://${first}-${parent}`,
    `https://${parent}`,
    `https://${first}`,
    `https://${host}@evil.test`,
    `https://${host}:x@evil.test`,
    `https://evil@${host}`,
    `https://evil.test/${host}`,
    `https://evil.test?${host}`,
    `https://evil.test#${host}`,
    `https://evil.test\\${host}`,
    `https://evil.test/@${host}`,
    `https://${host}%2eevil.test`,
    `https://${host}:8443`,
    `https://${host}:444`,
    `https://${host}:80`,
    `http://${host}`,
    `http://${host}:443`,
    `ws://${host}`,
    `ftp://${host}`,
    `file://${host}`,
    `https://${host}.`,
    `https://${host}..`,
    `https://a.b.${host}`,
    `https://_.${host}`,
    `https://-x.${host}`,
    `https://*.${host}`,
    `https://xn--80ak6aa92e.${parent}`,
    `https://${host.replace('a', 'а')}`,
    `https://${host.replace('o', 'ο')}`,
    `https://${host.replace('.', '-')}`,
    `https://${host.replace('.net', '.com.net')}x`,
    'https://127.0.0.1',
    'https://2130706433',
    'https://[::1]',
    'https://169.254.169.254',
    'https://localhost',
    'https://evil.test',
    'https://evil.net',
    'https://evil.com',
    'https://com',
  ]
}

const assertion = 'grant_type=client_credentials&client_assertion=eyJhbGciOi'
const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
const apiServer: Recipient = {
  service: 'the Kubernetes API server',
  origins: ['https://c-1.hcp.westeurope.azmk8s.io'],
}

/** Each credential that the program has, with the addresses that may receive it. */
const credentialsOf = (cloud: (typeof clouds)[keyof typeof clouds]) => [
  { name: 'arm', recipient: recipientOf(cloud, [cloud.armScope]), own: [cloud.arm] },
  { name: 'graph', recipient: recipientOf(cloud, [cloud.graphScope]), own: [cloud.graph] },
  {
    name: 'vault',
    recipient: recipientOf(cloud, [`https://${cloud.vaultSuffix}/.default`]),
    own: [`https://kv-shop.${cloud.vaultSuffix}`],
  },
  { name: 'kubernetes', recipient: apiServer, own: apiServer.origins },
  {
    name: 'sign-in',
    recipient: signInRecipient(cloud),
    own: [cloud.login, ...cloud.loginAliases].filter((each) => !each.includes('*')),
  },
]

test('of all hosts, only those of its audience receive a credential', () => {
  let attempts = 0
  for (const cloud of Object.values(clouds)) {
    const all = credentialsOf(cloud)
    const credentials = makeCredentials()
    for (const { name, recipient } of all)
      if (name === 'sign-in') credentials.bindSignIn(recipient)
      else credentials.bind(`Bearer ${name}`, recipient)
    const hosts = [
      ...new Set(Object.values(clouds).flatMap((each) => credentialsOf(each).flatMap(({ own }) => own))),
    ]
    const hostile = [...hosts.flatMap((each) => lookalikes(new URL(each).host)), ...hosts]
    for (const { name, own, recipient } of all)
      for (const address of new Set(hostile)) {
        const isOwn = own.includes(address)
        if (
          !URL.canParse(address) ||
          (isRecipient(recipient, address) && !isOwn && isGenuine(cloud, name, address))
        )
          continue
        const request = createPipelineRequest({
          url: `${address}${/[?#@]/.test(address) ? '' : '/path?x=1'}`,
          method: 'POST',
          headers: createHttpHeaders(name === 'sign-in' ? form : { authorization: `Bearer ${name}` }),
          body: name === 'sign-in' ? assertion : '{}',
        })
        attempts++
        if (isOwn) credentials.check(request)
        else
          assert.throws(
            () => credentials.check(request),
            { code: 'TokenNotForHost' },
            `${name} to ${address}`,
          )
      }
  }
  console.log(`${attempts} pairs of credential and address`)
  assert.ok(attempts > 5000, String(attempts))
})

/** Returns whether the address is one that the sweep made up, but that only the service's owner can have. */
function isGenuine(cloud: (typeof clouds)[keyof typeof clouds], name: string, address: string): boolean {
  const { hostname, protocol, port, username } = new URL(address)
  if (protocol !== 'https:' || port || username) return false
  const below = (suffix: string) =>
    hostname.endsWith(`.${suffix}`) && !hostname.slice(0, -suffix.length - 1).includes('.')
  return name === 'vault' ? below(cloud.vaultSuffix) : name === 'sign-in' && below('login.microsoft.com')
}

test('upper case and an explicit default port are the same host', () => {
  const vaults = recipientOf(clouds.public, ['https://vault.azure.net/.default'])
  for (const address of [
    'https://KV-Shop.VAULT.azure.net/',
    'https://kv-shop.vault.azure.net:443/secrets?$skiptoken=x',
  ])
    assert.ok(isRecipient(vaults, address), address)
})

test('a token that nobody requested is not sent anywhere', () => {
  const credentials = makeCredentials()
  for (const authorization of ['Bearer stolen', 'Basic dXNlcjpwdw=='])
    assert.throws(
      () =>
        credentials.check(
          createPipelineRequest({ url: clouds.public.arm, headers: createHttpHeaders({ authorization }) }),
        ),
      { code: 'TokenNotForHost', message: /no service is known for it/ },
    )
})

test('a refused sign-in explains only the error that follows it', () => {
  const post = (url: string) =>
    createPipelineRequest({ url, method: 'POST', headers: createHttpHeaders(form), body: assertion })
  const withToken = (authorization: string) =>
    createPipelineRequest({ url: 'https://evil.test', headers: createHttpHeaders({ authorization }) })
  const credentials = makeCredentials()
  credentials.bindSignIn(signInRecipient(clouds.public))
  credentials.bind('Bearer arm', recipientOf(clouds.public, [clouds.public.armScope]))
  const refused = (request: Parameters<typeof credentials.check>[0]) =>
    assert.throws(() => credentials.check(request), { code: 'TokenNotForHost' })

  refused(post('https://evil.test/token'))
  assert.equal(credentials.takeSignInRefusal()?.code, 'TokenNotForHost')
  assert.equal(credentials.takeSignInRefusal(), undefined, 'taken')

  refused(post('https://evil.test/token'))
  credentials.check(post(`${clouds.public.login}/t/oauth2/v2.0/token`))
  assert.equal(credentials.takeSignInRefusal(), undefined, 'a later sign-in was allowed')

  refused(withToken('Bearer arm'))
  assert.equal(credentials.takeSignInRefusal(), undefined, 'no sign-in: its caller gets the error')

  refused(withToken('Basic key'))
  assert.equal(credentials.takeSignInRefusal()?.code, 'TokenNotForHost', "a managed identity's key")
})

test('no scope is no audience', () => {
  assert.throws(() => recipientOf(clouds.public, []), { code: 'AudienceNotAllowed', message: /\(no scope\)/ })
})

test('no token is requested for an audience that is not a service of the cloud', () => {
  const audiences = [
    'https://graph.windows.net',
    'https://management.azure.com.evil.test',
    'https://MANAGEMENT.azure.com',
    'api://AzureADTokenExchange',
    'https://vault.azure.cn',
    '',
  ]
  for (const audience of audiences)
    assert.throws(
      () => recipientOf(clouds.public, [`${audience}/.default`]),
      { code: 'AudienceNotAllowed' },
      audience,
    )
  assert.deepEqual(recipientOf(clouds.public, [`${aksServerApplication}/.default`]).origins, [])
})

test("a vault's address is one below the cloud's suffix", () => {
  requireVault(clouds.public, 'https://kv-shop.vault.azure.net/')
  for (const uri of [...lookalikes('kv-shop.vault.azure.net'), 'vault', ''])
    if (!URL.canParse(uri) || !isRecipient(recipientOf(clouds.public, ['https://vault.azure.net']), uri))
      assert.throws(() => requireVault(clouds.public, uri), { code: 'TokenNotForHost' }, uri)
})
