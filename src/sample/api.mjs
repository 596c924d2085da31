// Describes the API of vault-reader: the OpenAPI document and the page.
import { createHash } from 'node:crypto'

const json = (schema) => ({ 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } })
const error = (description) => ({ description, content: json('Error') })
const text = { type: 'string' }
const object = (properties) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
})

/** Responses that every path has. Those of Node.js's HTTP parser (400, 408 and 431) have no body. */
const always = {
  400: { description: 'The request is not valid HTTP, or has a body' },
  405: error('The method is not GET'),
  408: { description: 'The request was not complete in time' },
  417: { description: 'The request has an Expect header other than 100-continue' },
  431: { description: 'The headers are too long' },
  500: error("An internal error; the pod's log has the details"),
}

const get = (operationId, summary, responses, parameters) => ({
  get: {
    operationId,
    summary,
    ...(parameters ? { parameters } : {}),
    responses: { ...responses, ...always },
  },
})

/** Returns the OpenAPI document for these secrets. */
export const openApi = (names) => ({
  openapi: '3.1.0',
  info: {
    title: 'vault-reader',
    version: '2.0.0',
    description: "Returns secrets of a Key Vault, read with the pod's own identity. Other paths return 404.",
  },
  servers: [{ url: './' }],
  security: [],
  paths: {
    '/': get('getPage', 'Get a page with links', {
      200: { description: 'The page', content: { 'text/html': { schema: text } } },
    }),
    '/healthz': get('getHealth', 'Probe the server; does not read a secret', {
      200: { description: 'The server responds', content: json('Health') },
    }),
    '/openapi.json': get('getOpenApi', 'Get this document', {
      200: { description: 'This document', content: { 'application/json': { schema: { type: 'object' } } } },
    }),
    '/secrets/{name}': get(
      'getSecret',
      'Get the latest version of a secret',
      {
        200: { description: 'The secret', content: json('Secret') },
        403: error('The identity may not read the secret'),
        404: error('The secret is not served here, or the vault does not have it'),
        502: error('Microsoft Entra ID or the vault rejected the request, or could not be reached'),
        503: { ...error('The vault is busy'), headers: { 'retry-after': { schema: text } } },
        504: error('Microsoft Entra ID or the vault did not respond in time'),
      },
      [{ name: 'name', in: 'path', required: true, schema: { type: 'string', enum: names } }],
    ),
  },
  components: {
    schemas: {
      Secret: object({ name: text, value: text, version: text }),
      Health: object({ ok: { type: 'boolean', const: true } }),
      Error: object({ error: object({ code: text, message: text }) }),
    },
  },
})

const style =
  'body{font:16px/1.5 system-ui;max-width:40em;margin:3em auto;padding:0 1em}code{background:#eee;padding:.1em .3em}'

/** Returns the page. The names are those of secrets, so they contain nothing to escape. */
export const page = (
  names,
) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>vault-reader</title>
<style>${style}</style>
<h1>vault-reader</h1>
<p>This pod has no password. It reads secrets with its Kubernetes service account token.</p>
<ul>${names.map((name) => `<li><a href="secrets/${name}">GET secrets/${name}</a></li>`).join('\n')}
<li><a href="openapi.json">openapi.json</a></li><li><a href="healthz">healthz</a></li></ul>`

const styleHash = createHash('sha256').update(style).digest('base64')

export const securityHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}
