// Serves the secrets that SECRET_NAMES lists over HTTP, and no others, read with the workload's own identity.
// Needs only Node.js, and the environment variables that the workload identity webhook injects.
import { createServer, STATUS_CODES } from 'node:http'
import { openApi, page, securityHeaders } from './api.mjs'
import { makeSecretReader, ReadError } from './key-vault.mjs'

const { env } = process
const port = Number(env.PORT ?? 8080)
const names = (env.SECRET_NAMES ?? '').split(',').filter((name) => /^[0-9a-zA-Z-]{1,127}$/.test(name))
const readSecret = makeSecretReader({
  clientId: env.AZURE_CLIENT_ID,
  tenantId: env.AZURE_TENANT_ID,
  tokenFile: env.AZURE_FEDERATED_TOKEN_FILE,
  authorityHost: env.AZURE_AUTHORITY_HOST,
  vaultUrl: env.KEYVAULT_URL ?? '',
})

const log = (entry) => console.log(JSON.stringify({ at: new Date().toISOString(), ...entry }))

function send(response, status, type, body, headers = {}) {
  response.writeHead(status, { 'content-type': type, ...securityHeaders, ...headers }).end(body)
}
const sendJson = (response, status, body, headers) =>
  send(response, status, 'application/json', JSON.stringify(body), headers)
const sendError = (response, status, code, message, headers) =>
  sendJson(response, status, { error: { code, message } }, headers)

const pending = new Map()

/** Requests for the same secret at the same time share one request to the vault. */
function readOnce(name) {
  if (!pending.has(name))
    pending.set(
      name,
      readSecret(name).finally(() => pending.delete(name)),
    )
  return pending.get(name)
}

async function sendSecret(response, name) {
  try {
    sendJson(response, 200, await readOnce(name))
  } catch (error) {
    if (!(error instanceof ReadError)) throw error
    const { status, code, message, detail, retryAfter } = error
    log({ secret: name, status, code, message, detail: String(detail ?? '').slice(0, 2000) })
    sendError(response, status, code, message, retryAfter ? { 'retry-after': retryAfter } : {})
  }
}

const hasBody = ({ headers }) =>
  'transfer-encoding' in headers || Number(headers['content-length'] ?? 0) !== 0

async function respond(request, response) {
  // The rest of a body is not read.
  if (hasBody(request)) response.setHeader('connection', 'close')
  if (request.method !== 'GET')
    return sendError(response, 405, 'MethodNotAllowed', 'Only GET is allowed', { allow: 'GET' })
  if (hasBody(request)) return sendError(response, 400, 'BodyNotAllowed', 'The request must not have a body')
  // Not parsed as a URL: that fails for paths such as `//`.
  const [path] = request.url.split('?', 1)
  if (path === '/') return send(response, 200, 'text/html; charset=utf-8', page(names))
  if (path === '/healthz') return sendJson(response, 200, { ok: true })
  if (path === '/openapi.json') return sendJson(response, 200, openApi(names))
  const wanted = /^\/secrets\/([0-9a-zA-Z-]{1,127})$/.exec(path)?.[1].toLowerCase()
  const name = names.find((each) => each.toLowerCase() === wanted)
  if (name !== undefined) return sendSecret(response, name)
  // The same for every other name, whether or not the vault has such a secret.
  sendError(response, 404, 'NotFound', 'Nothing is served at this path; see openapi.json')
}

async function handle(request, response) {
  try {
    await respond(request, response)
  } catch (error) {
    log({ status: 500, code: error?.code ?? error?.name, detail: String(error?.message).slice(0, 2000) })
    if (response.headersSent) response.destroy()
    else sendError(response, 500, 'InternalError', "An internal error; the pod's log has the details")
  }
}

const server = createServer(
  {
    headersTimeout: 5_000,
    requestTimeout: 10_000,
    keepAliveTimeout: 5_000,
    connectionsCheckingInterval: 1_000,
  },
  handle,
)
server.maxConnections = 200
// Longer than the requests to Microsoft Entra ID and the vault take.
server.timeout = 60_000

const parserStatus = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }
server.on('clientError', ({ code }, socket) => {
  if (!socket.writable) return socket.destroy()
  const status = parserStatus[code] ?? 400
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`
  socket.end(head, () => socket.destroy())
})
server.listen(port, () =>
  log({ listening: server.address().port, secrets: names, clientId: env.AZURE_CLIENT_ID }),
)
for (const signal of ['SIGTERM', 'SIGINT'])
  process.on(signal, () => {
    server.close(() => process.exit(0))
    server.closeIdleConnections()
  })
