// Reads secrets of a Key Vault with the workload's own identity: the token that the kubelet mounts into the pod.
import { readFile } from 'node:fs/promises'

const timeoutMs = 10_000
/** A secret has at most 25 KB; tokens are smaller. */
const maxBytes = 256 * 1024
/** A younger token is not replaced when the vault rejects it. */
const minTokenAgeMs = 30_000

/** What a caller may know: status, code and message. `detail` has IDs, and is for the pod's log only. */
export class ReadError extends Error {
  constructor(status, code, message, detail = '') {
    super(message)
    this.status = status
    this.code = /^\w{1,64}$/.test(code ?? '') ? code : 'Unknown'
    this.detail = detail
  }
}

async function readBody(response) {
  const chunks = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > maxBytes) throw new ReadError(502, 'ResponseTooLarge', 'A service sent too long a response')
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString() || '{}') ?? {}
  } catch {
    throw new ReadError(
      502,
      'InvalidResponse',
      `A service responded with status ${response.status}, not with JSON`,
    )
  }
}

async function request(service, url, options = {}) {
  try {
    // A redirect would take the token to another host.
    const response = await fetch(url, {
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
      ...options,
    })
    return { status: response.status, headers: response.headers, body: await readBody(response) }
  } catch (error) {
    if (error instanceof ReadError) throw error
    if (error.name === 'TimeoutError')
      throw new ReadError(504, 'Timeout', `${service} did not respond in time`)
    const { code, message } = error.cause ?? error
    throw new ReadError(502, code ?? 'NoConnection', `The pod could not reach ${service}`, message)
  }
}

/** Returns a function that reads a secret of the vault. Throws `ReadError`. */
export function makeSecretReader({ clientId, tenantId, tokenFile, authorityHost, vaultUrl }) {
  let challenge
  let token

  async function readChallenge(url) {
    const { headers } = await request('the vault', url)
    const header = headers.get('www-authenticate') ?? ''
    const parameter = (key) => new RegExp(`${key}="([^"]+)"`).exec(header)?.[1]
    const [authorization, resource] = [parameter('authorization'), parameter('resource')]
    // Sends a token only to a vault within the resource's domain.
    if (
      !URL.canParse(authorization) ||
      !URL.canParse(resource) ||
      !url.hostname.endsWith(`.${new URL(resource).hostname}`)
    )
      throw new ReadError(502, 'BadChallenge', 'The vault returned no valid authentication challenge', header)
    return { tenant: new URL(authorization).pathname.split('/')[1] || tenantId, resource }
  }

  async function exchangeToken({ tenant, resource }) {
    if (!tokenFile || !clientId)
      throw new ReadError(
        500,
        'NotInjected',
        'AZURE_CLIENT_ID or AZURE_FEDERATED_TOKEN_FILE is not set: the webhook did not change the pod',
      )
    // The kubelet renews the file.
    const assertion = (await readFile(tokenFile, 'utf8')).trim()
    const { status, body } = await request(
      'Microsoft Entra ID',
      new URL(`${tenant}/oauth2/v2.0/token`, authorityHost),
      {
        method: 'POST',
        body: new URLSearchParams({
          client_id: clientId,
          grant_type: 'client_credentials',
          scope: `${resource}/.default`,
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: assertion,
        }),
      },
    )
    if (status !== 200)
      throw new ReadError(
        502,
        `AADSTS${body.error_codes?.[0]}`,
        "Microsoft Entra ID rejected the pod's token; the pod's log has the details",
        body.error_description,
      )
    const now = Date.now()
    return { value: body.access_token, since: now, until: now + (body.expires_in - 300) * 1000 }
  }

  async function getWithToken(url) {
    challenge ??= await readChallenge(url)
    if (!token || token.until <= Date.now()) token = await exchangeToken(challenge)
    const used = token
    const { status, headers, body } = await request('the vault', url, {
      headers: { authorization: `Bearer ${used.value}` },
    })
    const isRejected = status === 401 || status === 403
    // A recreated identity or a moved tenant invalidates a token long before it expires.
    const isStale = isRejected && Date.now() - used.since >= minTokenAgeMs
    if (isStale) {
      token = undefined
      challenge = undefined
    }
    return { status, headers, body, isStale }
  }

  return async (name) => {
    const url = new URL(`secrets/${encodeURIComponent(name)}?api-version=7.4`, vaultUrl.replace(/\/*$/, '/'))
    let result = await getWithToken(url)
    if (result.isStale) result = await getWithToken(url)
    const { status, headers, body } = result
    if (status === 200) return { name, value: body.value, version: String(body.id).split('/').pop() }
    const { code, message, innererror } = body.error ?? {}
    const error = rejection(status, innererror?.code ?? code, message)
    throw Object.assign(error, { retryAfter: headers.get('retry-after') ?? undefined })
  }
}

const seeLog = "the pod's log has the details"

function rejection(status, code, detail) {
  if (status === 403)
    return new ReadError(403, code, `The vault denies access to the secret; ${seeLog}`, detail)
  if (status === 404) return new ReadError(404, code, 'The vault has no such secret', detail)
  if (status === 429 || status === 503) return new ReadError(503, code, 'The vault is busy', detail)
  return new ReadError(502, code, `The vault responded with status ${status}; ${seeLog}`, detail)
}
