import assert from 'node:assert/strict'
import { request } from 'node:http'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import type { Kubernetes } from '../../../src/clients/kubernetes.ts'
import { serveSample } from '../../../src/commands/run/sample-server.ts'

/** Serves a fake sample while `act` runs; returns the paths that were forwarded to it. */
async function whileServing(act: (url: URL) => Promise<void>): Promise<string[]> {
  const forwarded: string[] = []
  const kube = {
    proxyGet: async (_namespace: string, _service: string, path: string) => {
      forwarded.push(path)
      if (path === 'secrets/fails') throw new Error('the cluster is unavailable')
      return { status: 200, body: `forwarded ${path}` }
    },
  } as unknown as Kubernetes
  const announce = new PassThrough()
  const stop = new AbortController()
  const served = serveSample({ kube, namespace: 'shop', port: 0, announce, signal: stop.signal })
  const [address] = (await announce.take(1).toArray()) as Buffer[]
  try {
    await act(new URL(address!.toString().trim()))
  } finally {
    stop.abort()
    await served
  }
  return forwarded
}

const send = (url: URL, path: string, { method = 'GET', host = url.host } = {}) =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    const { hostname, port } = url
    request({ hostname, port, method, path, headers: { host } }, async (response) => {
      const body = (await response.setEncoding('utf8').toArray()).join('')
      resolve({ status: response.statusCode!, body })
    })
      .on('error', reject)
      .end()
  })

test('the address is on loopback and has a random token of 192 bits', async () => {
  const addresses: URL[] = []
  for (let n = 0; n < 2; n++)
    await whileServing(async (url) => {
      addresses.push(url)
    })
  for (const { hostname, pathname } of addresses) {
    // Not localhost: another user could listen on the same port of ::1.
    assert.equal(hostname, '127.0.0.1')
    assert.match(pathname, /^\/[\w-]{32}\/$/)
  }
  assert.notEqual(addresses[0]!.pathname, addresses[1]!.pathname)
})

test('only requests with the token reach the sample', async () => {
  const forwarded = await whileServing(async (url) => {
    const token = url.pathname
    const refused = [
      ...[
        '/',
        '//',
        '/secrets/db-password',
        `${token.slice(0, -2)}/secrets/db-password`,
        `/x${token}secrets/a`,
      ],
      ...[
        `/${token}secrets/a`,
        token.slice(0, -1),
        `http://127.0.0.1${token}secrets/a`,
        '*',
        `${token}?x`,
        '/%/',
      ],
      ...[`${token.toUpperCase()}secrets/a`, `/../${token.slice(1)}secrets/a`],
    ]
    for (const path of refused) {
      const { status, body } = await send(url, path)
      assert.equal(status, 403, path)
      assert.doesNotMatch(body, /forwarded|[\w-]{32}/, path)
    }
    for (const host of ['evil.example', 'evil.example:80', '127.0.0.1.evil.example'])
      assert.equal((await send(url, `${token}secrets/a`, { host })).status, 403, host)
    for (const method of ['POST', 'PUT', 'DELETE', 'HEAD'])
      assert.equal((await send(url, `${token}secrets/a`, { method })).status, 403, method)
  })
  assert.deepEqual(forwarded, [])
})

test('with the token, the paths of the sample are forwarded, and no others', async () => {
  const forwarded = await whileServing(async (url) => {
    const token = url.pathname
    for (const path of ['', 'healthz', 'openapi.json', 'secrets/db-password', 'secrets/fails'])
      assert.equal((await send(url, `${token}${path}`)).status, path === 'secrets/fails' ? 502 : 200, path)
    for (const path of [
      '../../../secrets',
      '%2e%2e/x',
      'secrets/../../x',
      'secrets/a/b',
      'x',
      '/',
      'secrets/a%2fb',
    ])
      assert.equal((await send(url, `${token}${path}`)).status, 404, path)
  })
  assert.deepEqual(forwarded, ['', 'healthz', 'openapi.json', 'secrets/db-password', 'secrets/fails'])
})
