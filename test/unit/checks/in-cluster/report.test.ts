import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { noTarget, remedyText } from '../../../../src/base/command-text.ts'
import { type PodReport, verdictFromReport } from '../../../../src/checks/in-cluster/report.ts'

const script = fileURLToPath(new URL('../../../../src/sample/inside.mjs', import.meta.url))
const run = promisify(execFile)

/** Runs the pod's script in an environment and returns the verdict on its report. */
async function runScript(authority: string, env: Record<string, string> = {}) {
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
  return { status, detail, remedy: 'remedy' in rest ? remedyText(rest.remedy, noTarget) : '' }
}

test('reports a host name that does not resolve and a connection that is refused', async () => {
  const unresolved = await runScript('https://login.invalid/')
  assert.match(
    unresolved.detail,
    /^The pod cannot resolve login\.invalid \(Entra\) by the cluster's DNS: E\w+ /,
  )
  assert.match(unresolved.remedy, /k8s-app=kube-dns/)
  const refused = await runScript('https://127.0.0.1:9/')
  assert.match(
    refused.detail,
    /^The pod cannot connect to 127\.0\.0\.1:9 \(Entra\); egress is blocked: ECONNREFUSED/,
  )
  assert.match(refused.remedy, /^Run kubectl get networkpolicies --namespace shop, and check/)
})

test('reports a proxy that does not resolve, is unreachable or refuses, and honors NO_PROXY', async () => {
  const withProxy = (HTTPS_PROXY: string, NO_PROXY = '') =>
    runScript('https://login.invalid/', { HTTPS_PROXY, NO_PROXY })
  const source = /from the pod's environment \(HTTPS_PROXY\) cannot be/.source
  assert.match(
    (await withProxy('http://proxy.invalid:3128')).detail,
    new RegExp(`^The proxy proxy\\.invalid:3128 ${source} resolved: E`),
  )
  assert.match(
    (await withProxy('127.0.0.1:9')).detail,
    new RegExp(`^The proxy 127\\.0\\.0\\.1:9 ${source} reached: ECONNREFUSED`),
  )
  const requests: string[] = []
  const proxy = createServer().on('connect', ({ url = '', headers }, socket) => {
    requests.push(`${url} ${headers['proxy-authorization']}`)
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const address = `127.0.0.1:${(proxy.address() as { port: number }).port}`
  const { detail } = await withProxy(`http://me:word@${address}`)
  proxy.close()
  assert.match(
    detail,
    new RegExp(
      `^The proxy ${address} from the pod's environment refuses connections to login\\.invalid: HTTP407 `,
    ),
  )
  assert.deepEqual(requests, [`login.invalid:443 Basic ${btoa('me:word')}`])
  assert.match(
    (await withProxy(`http://${address}`, 'a.example, .invalid')).detail,
    /^The pod cannot resolve login\.invalid /,
  )
})

test('reports clock skew, replaced certificates and rejected tokens', () => {
  const report: PodReport = {
    ...{ step: 'exchange', part: 'answer', host: 'login.example', proxy: '', ok: false },
    ...{ code: '', message: 'x', skewSeconds: 0 },
  }
  const verdict = (changes: Partial<PodReport>) =>
    verdictFromReport({ ...report, ...changes }, { namespace: 'shop', node: 'node1' })
  const detail = (changes: Partial<PodReport>) => verdict(changes).detail ?? ''
  assert.equal(verdict({ ok: true, skewSeconds: 59 }).status, 'pass')
  assert.equal(verdict({ ok: true, skewSeconds: -61 }).status, 'warn')
  assert.match(
    detail({ code: 'AADSTS700024', skewSeconds: 600 }),
    /^The clock of node node1 is off by 600 s: AADSTS700024/,
  )
  assert.match(
    detail({ code: 'AADSTS700024' }),
    /^Entra rejects the token's dates, because the cluster's clock differs from Entra's: /,
  )
  assert.match(
    detail({ code: 'CERT_NOT_YET_VALID' }),
    /^The certificate of login\.example is not valid by the node's clock: /,
  )
  assert.match(detail({ code: 'SELF_SIGNED_CERT_IN_CHAIN' }), / replaces the TLS certificate: /)
  assert.match(detail({ code: 'AADSTS700213' }), /^The pod gets no token from Entra: .*: AADSTS700213 x$/)
  assert.match(
    detail({ step: 'injection', part: '', code: 'NotInjected' }),
    /^The pod did not receive its token: /,
  )
  assert.match(verdictFromReport(undefined, { namespace: 'shop' }).detail ?? '', /printed no report/)
})
