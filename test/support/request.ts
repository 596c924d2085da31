import type { IncomingHttpHeaders } from 'node:http'
import { request as open } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { Sandbox } from '../../sandbox/index.ts'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  /** Parsed if it is complete JSON, else text; `undefined` if empty. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read bodies of every shape
  body: any
}

const loopback: LookupFunction = (_, options, done) => {
  if (options.all) return done(null, [{ address: '127.0.0.1', family: 4 }])
  done(null, '127.0.0.1', 4)
}

function parsedOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Sends a request to a sandbox. `form` is sent URL-encoded, `json` as JSON. */
export function request(
  sandbox: Sandbox,
  url: string,
  options: {
    method?: string
    token?: string
    headers?: Record<string, string>
    json?: unknown
    form?: Record<string, string>
    body?: string | Buffer
  } = {},
): Promise<Answer> {
  const { token, json, form } = options
  const body =
    json !== undefined ? JSON.stringify(json) : form ? new URLSearchParams(form).toString() : options.body
  const type = json !== undefined ? 'application/json' : form && 'application/x-www-form-urlencoded'
  return new Promise((resolve, reject) => {
    const sent = open(
      url,
      {
        method: options.method ?? (form ? 'POST' : 'GET'),
        ca: sandbox.simulator.caPem,
        lookup: loopback,
        headers: {
          ...(type ? { 'content-type': type } : {}),
          ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...options.headers,
        },
      },
      (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8')
          const isJson = /json/.test(response.headers['content-type'] ?? '') && text !== ''
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: text === '' ? undefined : isJson ? parsedOrText(text) : text,
          })
        })
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Returns the operator's access token for a resource, such as `https://localhost:8443/graph`. */
export async function operatorToken(sandbox: Sandbox, resource: string): Promise<string> {
  const { tenant, operator } = sandbox.state
  const { body } = await request(
    sandbox,
    `${sandbox.simulator.addresses.login}/${tenant.id}/oauth2/v2.0/token`,
    {
      form: {
        grant_type: 'client_credentials',
        client_id: operator.clientId,
        client_secret: operator.clientSecret,
        scope: `${resource}/.default`,
      },
    },
  )
  if (!body.access_token) throw new Error(JSON.stringify(body))
  return body.access_token
}
