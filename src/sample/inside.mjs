// Run by a short-lived pod: does what a workload does, and tells on one line how far it came.
import { lookup } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { request as plainRequest } from 'node:http'
import { request } from 'node:https'
import { connect } from 'node:net'
import { connect as secure } from 'node:tls'

const {
  AZURE_CLIENT_ID,
  AZURE_TENANT_ID,
  AZURE_FEDERATED_TOKEN_FILE,
  AZURE_AUTHORITY_HOST,
  KEYVAULT_URL,
  SECRET_NAME,
  VAULT_SCOPE,
} = process.env

const result = {
  step: 'injection',
  part: '',
  host: '',
  proxy: '',
  ok: false,
  code: '',
  message: '',
  skewSeconds: 0,
}

// The proxy that the pod's environment names for a host; none for those of NO_PROXY.
function proxyFor(hostname) {
  const named = (name) => process.env[name] || process.env[name.toLowerCase()]
  const excluded = (named('NO_PROXY') ?? '').split(',').map((each) => each.trim().replace(/^\*?\./, ''))
  const proxy = named('HTTPS_PROXY')
  if (!proxy || excluded.some((each) => each === '*' || `.${hostname}`.endsWith(`.${each || '-'}`))) return
  return new URL(/^\w+:\/\//.test(proxy) ? proxy : `http://${proxy}`)
}

const reach = (host, port) =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: 10_000 })
    socket.on('connect', () => resolve(socket.destroy()))
    socket.on('error', reject)
    socket.on('timeout', () =>
      reject(socket.destroy() && Object.assign(new Error('no answer within 10 s'), { code: 'ETIMEDOUT' })),
    )
  })

const timeout = 15_000
const late = () => Object.assign(new Error(`no answer within ${timeout / 1000} s`), { code: 'ETIMEDOUT' })

// A connection to the host through the proxy.
const tunnel = (proxy, { hostname, port }) =>
  new Promise((resolve, reject) => {
    const { protocol, username, password } = proxy
    const who = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    const asked = (protocol === 'https:' ? request : plainRequest)(proxy, {
      method: 'CONNECT',
      path: `${hostname}:${port || 443}`,
      headers: username ? { 'proxy-authorization': `Basic ${btoa(who)}` } : {},
      timeout,
    })
    asked.on('connect', ({ statusCode }, socket) => {
      if (statusCode === 200) return resolve(socket)
      socket.destroy()
      reject(Object.assign(new Error(`it answers ${statusCode}`), { code: `HTTP${statusCode}` }))
    })
    asked.on('response', ({ statusCode }) =>
      reject(Object.assign(new Error(`it answers ${statusCode}`), { code: `HTTP${statusCode}` })),
    )
    asked.on('timeout', () => asked.destroy(late()))
    asked.on('error', reject)
    asked.end()
  })

const send = (url, { method = 'GET', headers, body }, socket) =>
  new Promise((resolve, reject) => {
    // With an agent, the connection would be one of the agent's.
    const by = socket
      ? { createConnection: () => secure({ socket, servername: url.hostname }) }
      : { agent: false }
    const asked = request(url, { method, headers, timeout, ...by }, async (answer) => {
      try {
        const parts = []
        for await (const part of answer) parts.push(part)
        const { statusCode, headers } = answer
        resolve({
          status: statusCode,
          date: Date.parse(headers.date ?? ''),
          text: Buffer.concat(parts).toString(),
        })
      } catch (error) {
        reject(error)
      }
    })
    asked.on('timeout', () => asked.destroy(late()))
    asked.on('error', reject)
    asked.end(body)
  })

// One request, its parts told apart: the name, the way, the proxy, the answer. The server's clock is compared with this node's.
async function ask(step, url, options) {
  const proxy = proxyFor(url.hostname)
  const way = proxy ?? url
  Object.assign(result, { step, part: 'name', host: url.host, proxy: proxy?.host ?? '' })
  const { address } = await lookup(way.hostname.replace(/^\[|\]$/g, ''))
  result.part = 'connect'
  await reach(address, Number(way.port) || (way.protocol === 'https:' ? 443 : 80))
  result.part = 'proxy'
  const socket = proxy && (await tunnel(proxy, url))
  result.part = 'answer'
  const { status, date, text } = await send(url, options, socket).finally(() => socket?.destroy())
  if (date) result.skewSeconds = Math.round((Date.now() - date) / 1000)
  const body = JSON.parse(text)
  if (status === 200) return body
  const code = body.error_codes
    ? `AADSTS${body.error_codes[0]}`
    : (body.error?.innererror?.code ?? body.error?.code)
  throw Object.assign(new Error(body.error_description ?? body.error?.message), { code })
}

try {
  for (const [name, value] of Object.entries({
    AZURE_CLIENT_ID,
    AZURE_TENANT_ID,
    AZURE_FEDERATED_TOKEN_FILE,
  }))
    if (!value) throw Object.assign(new Error(`${name} is missing`), { code: 'NotInjected' })
  const assertion = (await readFile(AZURE_FEDERATED_TOKEN_FILE, 'utf8')).trim()
  const { access_token: token } = await ask(
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
  await ask('vault', new URL(`secrets/${SECRET_NAME}?api-version=7.4`, KEYVAULT_URL), {
    headers: { authorization: `Bearer ${token}` },
  })
  Object.assign(result, { step: 'done', ok: true })
} catch (error) {
  result.code = String(error.code ?? error.name)
  result.message = String(error.message).split('\n')[0]
}
console.log(JSON.stringify(result))
