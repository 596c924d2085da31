// Serves the secrets of a Key Vault over HTTP, read with the workload's own identity.
// Needs only Node.js, and the environment variables that the workload identity webhook injects.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'

const {
  AZURE_CLIENT_ID,
  AZURE_TENANT_ID,
  AZURE_FEDERATED_TOKEN_FILE,
  AZURE_AUTHORITY_HOST,
  KEYVAULT_URL,
  SECRET_NAME,
  PORT = '8080',
} = process.env

class HttpError extends Error {
  constructor(status, code, message) {
    super(message)
    this.status = status
    this.code = code
  }
}

const tokens = new Map()

// Exchanges the service account's token for an access token. The kubelet renews the file, so it is read each time.
async function fetchAccessToken(authorization, resource) {
  const cached = tokens.get(resource)
  if (cached && cached.until > Date.now()) return cached.token
  if (!AZURE_FEDERATED_TOKEN_FILE || !AZURE_CLIENT_ID)
    throw new HttpError(
      500,
      'NotInjected',
      'AZURE_CLIENT_ID or AZURE_FEDERATED_TOKEN_FILE is not set: the webhook did not change the pod',
    )
  const tenant = new URL(authorization).pathname.split('/')[1] || AZURE_TENANT_ID
  const response = await fetch(new URL(`${tenant}/oauth2/v2.0/token`, AZURE_AUTHORITY_HOST), {
    method: 'POST',
    body: new URLSearchParams({
      client_id: AZURE_CLIENT_ID,
      grant_type: 'client_credentials',
      scope: `${resource}/.default`,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: (await readFile(AZURE_FEDERATED_TOKEN_FILE, 'utf8')).trim(),
    }),
  })
  const body = await response.json()
  if (!response.ok)
    throw new HttpError(response.status, `AADSTS${body.error_codes?.[0]}`, body.error_description)
  tokens.set(resource, { token: body.access_token, until: Date.now() + (body.expires_in - 300) * 1000 })
  return body.access_token
}

let challenge
async function readSecret(name) {
  const url = new URL(
    `secrets/${encodeURIComponent(name)}?api-version=7.4`,
    KEYVAULT_URL.endsWith('/') ? KEYVAULT_URL : `${KEYVAULT_URL}/`,
  )
  if (!challenge) {
    const response = await fetch(url)
    await response.arrayBuffer()
    const header = response.headers.get('www-authenticate') ?? ''
    const parameter = (key) => new RegExp(`${key}="([^"]+)"`).exec(header)?.[1]
    challenge = { authorization: parameter('authorization'), resource: parameter('resource') }
    // Sends a token only to a vault within the resource's domain.
    if (
      !challenge.authorization ||
      !url.hostname.endsWith(`.${new URL(challenge.resource ?? 'https://-').hostname}`)
    ) {
      challenge = undefined
      throw new HttpError(502, 'BadChallenge', 'The vault returned no valid authentication challenge')
    }
  }
  const token = await fetchAccessToken(challenge.authorization, challenge.resource)
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  const body = await response.json()
  if (!response.ok)
    throw new HttpError(
      response.status,
      body.error?.innererror?.code ?? body.error?.code,
      body.error?.message,
    )
  return { name, value: body.value, version: body.id.split('/').pop() }
}

const page = `<!doctype html><meta charset="utf-8"><title>vault-reader</title>
<style>body{font:16px/1.5 system-ui;max-width:40em;margin:3em auto;padding:0 1em}code{background:#eee;padding:.1em .3em}</style>
<h1>vault-reader</h1>
<p>This pod has no password. It reads secrets with its Kubernetes service account token.</p>
<ul><li><a href="secrets/${encodeURIComponent(SECRET_NAME ?? '')}">GET secrets/${SECRET_NAME ?? ''}</a></li>
<li><a href="openapi.json">openapi.json</a></li><li><a href="healthz">healthz</a></li></ul>`

const secretResponse = {
  content: {
    'application/json': {
      schema: {
        type: 'object',
        properties: { name: { type: 'string' }, value: { type: 'string' }, version: { type: 'string' } },
      },
    },
  },
}
const openapi = {
  openapi: '3.1.0',
  info: { title: 'vault-reader', version: '1.0.0' },
  paths: {
    '/secrets/{name}': {
      get: {
        summary: 'Get the latest version of a secret',
        parameters: [
          {
            name: 'name',
            in: 'path',
            required: true,
            schema: { type: 'string', pattern: '^[0-9a-zA-Z-]{1,127}$' },
          },
        ],
        responses: {
          200: { description: 'The secret', ...secretResponse },
          403: { description: 'The identity is not authorized to read the secret' },
          404: { description: 'The secret does not exist' },
        },
      },
    },
    '/healthz': { get: { summary: 'Liveness probe', responses: { 200: { description: 'ok' } } } },
  },
}

const send = (response, status, type, body) =>
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
const json = (response, status, body) => send(response, status, 'application/json', JSON.stringify(body))

const server = createServer(async (request, response) => {
  const path = new URL(request.url, 'http://pod').pathname
  if (request.method !== 'GET') return json(response, 405, { error: { code: 'MethodNotAllowed' } })
  if (path === '/') return send(response, 200, 'text/html; charset=utf-8', page)
  if (path === '/healthz') return json(response, 200, { ok: true })
  if (path === '/openapi.json') return json(response, 200, openapi)
  const name = /^\/secrets\/([0-9a-zA-Z-]{1,127})$/.exec(path)?.[1]
  if (!name) return json(response, 404, { error: { code: 'NotFound', message: 'Try /secrets/{name}' } })
  try {
    json(response, 200, await readSecret(name))
  } catch (error) {
    const { status = 502, code = error.cause?.code ?? error.name, message } = error
    console.error(JSON.stringify({ at: new Date().toISOString(), secret: name, status, code, message }))
    json(response, status, { error: { code, message } })
  }
})
server.listen(Number(PORT), () =>
  console.log(
    JSON.stringify({ at: new Date().toISOString(), listening: Number(PORT), clientId: AZURE_CLIENT_ID }),
  ),
)
for (const signal of ['SIGTERM', 'SIGINT'])
  process.on(signal, () => server.close(() => process.exit(0)) && server.closeIdleConnections())
