import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHttpHeaders, createPipelineRequest, RestError } from '@azure/core-rest-pipeline'
import { redactUrl } from '../../../src/base/redact.ts'
import { parseEntraError } from '../../../src/clients/entra-error.ts'
import { guard, toServiceError, undefinedIfNotFound } from '../../../src/clients/errors.ts'
import { retryAfterOf } from '../../../src/clients/response-error.ts'
import { ServiceError } from '../../../src/clients/service-error.ts'

const restError = (status: number, body: string, headers: Record<string, string> = {}) => {
  const request = createPipelineRequest({ url: 'https://management.example/x' })
  const response = { status, headers: createHttpHeaders(headers), request, bodyAsText: body }
  return new RestError('raw', { statusCode: status, request, response })
}

test('an ARM error has code, message, inner code, request ID and delay', () => {
  const error = toServiceError(
    restError(403, '{"error":{"code":"Forbidden","message":"No.","innererror":{"code":"ForbiddenByRbac"}}}', {
      'x-ms-request-id': 'r1',
      'retry-after': '7',
    }),
    'vault',
  ) as ServiceError
  assert.ok(error instanceof ServiceError)
  assert.deepEqual(
    [
      error.service,
      error.code,
      error.innerCode,
      error.message,
      error.status,
      error.requestId,
      error.retryAfterMs,
    ],
    ['vault', 'Forbidden', 'ForbiddenByRbac', 'No.', 403, 'r1', 7000],
  )
})

test('AKS errors without an envelope are parsed', () => {
  const body =
    '{"code":"OIDCIssuerFeatureCannotBeDisabled","details":null,"message":"It stays.","subcode":""}'
  const error = toServiceError(restError(400, body), 'arm') as ServiceError
  assert.deepEqual([error.code, error.message], ['OIDCIssuerFeatureCannotBeDisabled', 'It stays.'])
})

test('a missing package is not a network error', () => {
  const broken = Object.assign(new Error("Cannot find package 'x'"), { code: 'ERR_MODULE_NOT_FOUND' })
  assert.equal(toServiceError(broken, 'arm'), broken)
})

test('an HTML page is not used as the message', () => {
  const page = restError(503, '<html><body>The page cannot be displayed</body></html>')
  page.message = page.response?.bodyAsText ?? ''
  const error = toServiceError(page, 'arm') as ServiceError
  assert.equal(error.code, 'Http503')
  assert.doesNotMatch(error.message, /</)
})

test('the code of a failed long-running operation is read from its message', () => {
  const error = toServiceError(
    new Error(
      'The long-running operation has failed. QuotaExceeded. Operation results in exceeding quota. Ask.',
    ),
    'arm',
  ) as ServiceError
  assert.deepEqual(
    [error.code, error.message],
    ['QuotaExceeded', 'Operation results in exceeding quota. Ask.'],
  )
  const bare = toServiceError(new Error('The long-running operation has failed'), 'arm') as ServiceError
  assert.equal(bare.code, 'OperationFailed')
})

test('a network error names the host', () => {
  const request = createPipelineRequest({ url: 'https://kv.vault.example/secrets' })
  const error = toServiceError(
    new RestError('getaddrinfo', { code: 'ENOTFOUND', request }),
    'vault',
  ) as ServiceError
  assert.deepEqual([error.service, error.code], ['network', 'ENOTFOUND'])
  assert.match(error.message, /^kv\.vault\.example /)
})

test('programming errors and aborts are not translated', () => {
  const bug = new TypeError('x is not a function')
  assert.equal(toServiceError(bug, 'arm'), bug)
  const abort = new DOMException('stop', 'AbortError')
  assert.equal(toServiceError(abort, 'arm'), abort)
})

test('an Entra error has no trace data in its message', () => {
  const parsed = parseEntraError(
    'invalid_client: Error(s): 7000215 - Timestamp: 2025-01-01 00:00:00Z - Description: AADSTS7000215: Invalid client secret provided. Ensure it. - Correlation ID: c - Trace ID: 11111111-2222',
  )
  assert.deepEqual(parsed, {
    code: 'AADSTS7000215',
    message: 'Invalid client secret provided. Ensure it.',
    requestId: '11111111-2222',
  })
  assert.equal(
    parseEntraError('AADSTS90002: Tenant not found.\r\nTrace ID: x\r\nTimestamp: y')?.message,
    'Tenant not found.',
  )
  assert.equal(parseEntraError('all is well'), undefined)
})

test('Retry-After can be a date', () => {
  const at = new Date(Date.now() + 60_000).toUTCString()
  const ms = retryAfterOf((name) => (name === 'retry-after' ? at : undefined)) ?? 0
  assert.ok(ms > 50_000 && ms <= 60_000, `${ms}`)
})

test('signatures in URLs are redacted', () => {
  const url = redactUrl('https://a.example/operations/1?api-version=2025-03-01&t=1&c=MII&s=sig&h=hash')
  assert.equal(
    url,
    'https://a.example/operations/1?api-version=2025-03-01&t=REDACTED&c=REDACTED&s=REDACTED&h=REDACTED',
  )
})

test('an abort ends the wait for an unfinished call', async () => {
  const controller = new AbortController()
  const waiting = guard('arm', controller.signal)(() => new Promise(() => {}))
  controller.abort(new Error('stopped by hand'))
  await assert.rejects(waiting, /stopped by hand/)
})

test('a missing subscription is not treated as a missing resource', async () => {
  const failWith = (code: string) =>
    Promise.reject(new ServiceError({ service: 'arm', code, message: '', status: 404 }))
  assert.equal(await undefinedIfNotFound(failWith('ResourceNotFound')), undefined)
  await assert.rejects(undefinedIfNotFound(failWith('SubscriptionNotFound')), {
    code: 'SubscriptionNotFound',
  })
})
