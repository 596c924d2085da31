// Run by a short-lived pod: does what a workload does, and tells on one line how far it came.
import { lookup } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'

const {
  AZURE_CLIENT_ID,
  AZURE_TENANT_ID,
  AZURE_FEDERATED_TOKEN_FILE,
  AZURE_AUTHORITY_HOST,
  KEYVAULT_URL,
  SECRET_NAME,
  VAULT_SCOPE,
} = process.env

const result = { step: 'injection', ok: false, code: '', message: '', skewSeconds: 0 }

/** One request; the server's clock is compared with this node's. */
async function ask(step, url, options) {
  result.step = `${step} name`
  await lookup(new URL(url).hostname)
  result.step = step
  const answer = await fetch(url, { ...options, signal: AbortSignal.timeout(15_000) })
  const date = Date.parse(answer.headers.get('date') ?? '')
  if (date) result.skewSeconds = Math.round((Date.now() - date) / 1000)
  const body = await answer.json()
  if (answer.ok) return body
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
      body: new URLSearchParams({
        client_id: AZURE_CLIENT_ID,
        grant_type: 'client_credentials',
        scope: VAULT_SCOPE,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      }),
    },
  )
  await ask('vault', new URL(`secrets/${SECRET_NAME}?api-version=7.4`, KEYVAULT_URL), {
    headers: { authorization: `Bearer ${token}` },
  })
  Object.assign(result, { step: 'done', ok: true })
} catch (error) {
  result.code = String(error.cause?.code ?? error.code ?? error.name)
  result.message = String(error.cause?.message ?? error.message).split('\n')[0]
}
console.log(JSON.stringify(result))
