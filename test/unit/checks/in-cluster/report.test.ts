import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type PodReport, verdictFromReport } from '../../../../src/checks/in-cluster/report.ts'

const script = fileURLToPath(new URL('../../../../src/sample/inside.mjs', import.meta.url))
const run = promisify(execFile)

/** What the pod's script says of an environment, and what is told of it. */
async function told(authority: string, env: Record<string, string> = {}) {
  const { stdout } = await run(process.execPath, [script], {
    env: {
      AZURE_CLIENT_ID: 'c',
      AZURE_TENANT_ID: 't',
      AZURE_FEDERATED_TOKEN_FILE: script,
      AZURE_AUTHORITY_HOST: authority,
      KEYVAULT_URL: 'https://kv.example/',
      ...env,
    },
  })
  const {
    status,
    detail = '',
    ...rest
  } = verdictFromReport(JSON.parse(stdout) as PodReport, { namespace: 'shop' })
  return { status, detail, remedy: 'remedy' in rest ? rest.remedy : '' }
}

test('a name that is unknown, and a way that is closed', async () => {
  const name = await told('https://login.invalid/')
  assert.match(name.detail, /^The pod cannot look up login\.invalid \(Entra\): DNS in the cluster: E\w+ /)
  assert.match(name.remedy, /k8s-app=kube-dns/)
  const way = await told('https://127.0.0.1:9/')
  assert.match(way.detail, /^The pod cannot reach 127\.0\.0\.1:9 \(Entra\): egress is blocked: ECONNREFUSED/)
  assert.match(way.remedy, /^kubectl -n shop get networkpolicies/)
})

test('a proxy that is unknown, closed, or refuses; and one that a host is excluded from', async () => {
  const proxied = (HTTPS_PROXY: string, NO_PROXY = '') =>
    told('https://login.invalid/', { HTTPS_PROXY, NO_PROXY })
  const of = /of the pod's environment \(HTTPS_PROXY\) cannot be/.source
  assert.match(
    (await proxied('http://proxy.invalid:3128')).detail,
    new RegExp(`^The proxy proxy\\.invalid:3128 ${of} looked up: E`),
  )
  assert.match(
    (await proxied('127.0.0.1:9')).detail,
    new RegExp(`^The proxy 127\\.0\\.0\\.1:9 ${of} reached: ECONNREFUSED`),
  )
  const asked: string[] = []
  const proxy = createServer().on('connect', ({ url = '', headers }, socket) => {
    asked.push(`${url} ${headers['proxy-authorization']}`)
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const address = `127.0.0.1:${(proxy.address() as { port: number }).port}`
  const { detail } = await proxied(`http://me:word@${address}`)
  proxy.close()
  assert.equal(
    detail,
    `The proxy ${address} of the pod's environment does not let it through to login.invalid: HTTP407 it answers 407`,
  )
  assert.deepEqual(asked, [`login.invalid:443 Basic ${btoa('me:word')}`])
  assert.match(
    (await proxied(`http://${address}`, 'a.example, .invalid')).detail,
    /^The pod cannot look up login\.invalid /,
  )
})

test('clocks, certificates, refusals', () => {
  const report: PodReport = {
    ...{ step: 'exchange', part: 'answer', host: 'login.example', proxy: '', ok: false },
    ...{ code: '', message: 'x', skewSeconds: 0 },
  }
  const of = (over: Partial<PodReport>) =>
    verdictFromReport({ ...report, ...over }, { namespace: 'shop', node: 'node1' })
  const detail = (over: Partial<PodReport>) => of(over).detail ?? ''
  assert.equal(of({ ok: true, skewSeconds: 59 }).status, 'pass')
  assert.equal(of({ ok: true, skewSeconds: -61 }).status, 'warn')
  assert.match(
    detail({ code: 'AADSTS700024', skewSeconds: 600 }),
    /^The clock of the node node1 is off by 600 s: AADSTS700024/,
  )
  assert.match(
    detail({ code: 'AADSTS700024' }),
    /^Entra refuses the dates of the token: the cluster's clock and Entra's differ: /,
  )
  assert.match(
    detail({ code: 'CERT_NOT_YET_VALID' }),
    /^By the clock of the node the certificate of login\.example is not valid: /,
  )
  assert.match(detail({ code: 'SELF_SIGNED_CERT_IN_CHAIN' }), /puts a certificate of its own in place: /)
  assert.match(detail({ code: 'AADSTS700213' }), /^The pod gets no token from Entra: .*: AADSTS700213 x$/)
  assert.match(
    detail({ step: 'injection', part: '', code: 'NotInjected' }),
    /^The pod was not given its token: /,
  )
  assert.match(verdictFromReport(undefined, { namespace: 'shop' }).detail ?? '', /told nothing/)
})
