import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHttpHeaders, type PipelineRequest } from '@azure/core-rest-pipeline'
import type { Http } from '../../../src/clients/http.ts'
import { makeIssuers } from '../../../src/clients/issuer-documents.ts'
import { retryRule } from '../../../src/engine/retry-rules.ts'

/** Returns the error for an issuer whose server returns this. */
async function issuerError(status: number, text: string): Promise<unknown> {
  const http = {
    sendRequest: async (request: PipelineRequest) => ({
      request,
      status,
      bodyAsText: text,
      headers: createHttpHeaders(),
    }),
  }
  const { signal } = new AbortController()
  return makeIssuers({ http: http as unknown as Http, signal })
    .documents('https://issuer.example')
    .then(
      () => assert.fail('the issuer was read'),
      (error) => error,
    )
}

test('an issuer that returns a web page or a server error is retried for 20 seconds', async () => {
  for (const [status, text] of [
    [200, '<html>'],
    [503, ''],
    [429, ''],
  ] as const)
    assert.equal(retryRule(await issuerError(status, text))?.seconds, 20, `${status} ${text}`)
})

test('an issuer whose document does not exist is not retried', async () => {
  assert.equal(retryRule(await issuerError(404, '')), undefined)
})
