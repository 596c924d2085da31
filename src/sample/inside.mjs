// Runs in a temporary pod, makes the requests that a workload makes, and prints a one-line JSON report.
import { lookup } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'

const {
  AZURE_CLIENT_ID,
  AZURE_TENANT_ID,
  AZURE_FEDERATED_TOKEN_FILE,
  AZURE_AUTHORITY_HOST,
  KEYVAULT_URL,
  SECRET_NAME,
  VAULT_SCOPE,
} = process.env

const report = {
  step: 'injection',
  part: '',
  host: '',
  proxy: '',
  ok: false,
  code: '',
  message: '',
  skewSeconds: 0,
}

const errorWith = (code, message) => Object.assign(new Error(message), { code })

// Returns the proxy for a host according to the environment; undefined if NO_PROXY excludes it.
function proxyFor(hostname) {
  const variable = (name) => process.env[name] || process.env[name.toLowerCase()]
  const excluded = (variable('NO_PROXY') ?? '').split(',').map((host) => host.trim().replace(/^\*?\./, ''))
  const proxy = variable('HTTPS_PROXY')
  if (!proxy || excluded.some((host) => host === '*' || `.${hostname}`.endsWith(`.${host || '-'}`))) return
  return new URL(/^\w+:\/\//.test(proxy) ? proxy : `http://${proxy}`)
}

const connectTimeout = 10_000
const requestTimeout = 15_000
const timeoutError = (ms) => errorWith('ETIMEDOUT', `no response within ${ms / 1000} s`)

const testConnection = (host, port) =>
  new Promise((resolve, reject) => {
    const socket = connectTcp({ host, port, timeout: connectTimeout })
    socket.on('connect', () => resolve(socket.destroy()))
    socket.on('error', reject)
    socket.on('timeout', () => reject(socket.destroy() && timeoutError(connectTimeout)))
  })

// Returns a socket to the host through the proxy.
const openTunnel = (proxy, { hostname, port }) =>
  new Promise((resolve, reject) => {
    const { protocol, username, password } = proxy
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    const request = (protocol === 'https:' ? httpsRequest : httpRequest)(proxy, {
      method: 'CONNECT',
      path: `${hostname}:${port || 443}`,
      headers: username ? { 'proxy-authorization': `Basic ${btoa(credentials)}` } : {},
      timeout: requestTimeout,
    })
    const rejection = (status) => errorWith(`HTTP${status}`, `the proxy returned status ${status}`)
    request.on('connect', ({ statusCode }, socket) => {
      if (statusCode === 200) return resolve(socket)
      socket.destroy()
      reject(rejection(statusCode))
    })
    request.on('response', ({ statusCode }) => reject(rejection(statusCode)))
    request.on('timeout', () => request.destroy(timeoutError(requestTimeout)))
    request.on('error', reject)
    request.end()
  })

const send = (url, { method = 'GET', headers, body }, socket) =>
  new Promise((resolve, reject) => {
    // With an agent, Node.js would ignore createConnection.
    const connection = socket
      ? { createConnection: () => connectTls({ socket, servername: url.hostname }) }
      : { agent: false }
    const options = { method, headers, timeout: requestTimeout, ...connection }
    const request = httpsRequest(url, options, async (response) => {
      try {
        const chunks = []
        for await (const chunk of response) chunks.push(chunk)
        resolve({
          status: response.statusCode,
          date: Date.parse(response.headers.date ?? ''),
          text: Buffer.concat(chunks).toString(),
        })
      } catch (error) {
        reject(error)
      }
    })
    request.on('timeout', () => request.destroy(timeoutError(requestTimeout)))
    request.on('error', reject)
    request.end(body)
  })

// Sends a request and records which stage it reached, and how far the node's clock differs from the service's.
async function call(step, url, options) {
  const proxy = proxyFor(url.hostname)
  const target = proxy ?? url
  Object.assign(report, { step, part: 'name', host: url.host, proxy: proxy?.host ?? '' })
  const { address } = await lookup(target.hostname.replace(/^\[|\]$/g, ''))
  report.part = 'connect'
  await testConnection(address, Number(target.port) || (target.protocol === 'https:' ? 443 : 80))
  report.part = 'proxy'
  const socket = proxy && (await openTunnel(proxy, url))
  report.part = 'answer'
  const { status, date, text } = await send(url, options, socket).finally(() => socket?.destroy())
  if (date) report.skewSeconds = Math.round((Date.now() - date) / 1000)
  const body = JSON.parse(text)
  if (status === 200) return body
  const code = body.error_codes
    ? `AADSTS${body.error_codes[0]}`
    : (body.error?.innererror?.code ?? body.error?.code)
  throw errorWith(code, body.error_description ?? body.error?.message)
}

try {
  const injected = { AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_FEDERATED_TOKEN_FILE }
  for (const [name, value] of Object.entries(injected))
    if (!value) throw errorWith('NotInjected', `${name} is not set`)
  const assertion = (await readFile(AZURE_FEDERATED_TOKEN_FILE, 'utf8')).trim()
  const { access_token: token } = await call(
    'exchange',
    new URL(`${AZURE_TENANT_ID}/oauth2/v2.0/token`, AZURE_AUTHORITY_HOST),
    {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        client_id: AZURE_CLIENT_ID,
        grant_type: 'client_credentials',
        scope: VAULT_SCOPE,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      }).toString(),
    },
  )
  await call('vault', new URL(`secrets/${SECRET_NAME}?api-version=7.4`, KEYVAULT_URL), {
    headers: { authorization: `Bearer ${token}` },
  })
  Object.assign(report, { step: 'done', ok: true })
} catch (error) {
  report.code = String(error.code ?? error.name)
  report.message = String(error.message).split('\n')[0]
}
console.log(JSON.stringify(report))
