import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline'
import { createHttpHeaders } from '@azure/core-rest-pipeline'
import { readLimits } from '../../../src/base/read-limits.ts'
import type { ArmContext } from '../../../src/clients/azure/arm-context.ts'
import { listAllPages } from '../../../src/clients/azure/list-all-pages.ts'
import { clouds } from '../../../src/clients/cloud.ts'
import { makeGraphRequests } from '../../../src/clients/graph/graph-requests.ts'
import type { Http } from '../../../src/clients/http.ts'
import { customObjects } from '../../../src/clients/kube/custom-objects.ts'
import { namespaceContents } from '../../../src/clients/kube/namespace-contents.ts'

const cloud = clouds.public
const { signal } = new AbortController()
const headers = createHttpHeaders({ 'content-type': 'application/json' })

/** Answers every request with the same page, and ends the test if a list is read much further than its limit. */
function endlessPages(page: object) {
  let pages = 0
  return {
    pages: () => pages,
    async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
      assert.ok(pages++ < readLimits.pages + 10, 'the list is read without an end')
      return { status: 200, headers, bodyAsText: JSON.stringify(page), request }
    },
  }
}

const custom = { group: 'x.io', kind: 'Thing', plural: 'things', namespaced: true }

/** Answers the requests of a list's `call` from discovery, then with pages without an end. */
function endlessApiServer() {
  const server = endlessPages({ items: [], metadata: { continue: 'more' } })
  const discovery: Record<string, object> = {
    '/apis': { groups: [{ name: 'x.io', preferredVersion: { groupVersion: 'x.io/v1' } }] },
    '/api/v1': { resources: [] },
    '/apis/x.io/v1': { resources: [{ name: 'things', kind: 'Thing', namespaced: true, verbs: ['list'] }] },
  }
  return async <T>(_method: string, path: string): Promise<T> => {
    const found = discovery[path]
    if (found) return found as T
    return JSON.parse((await server.sendRequest({} as PipelineRequest)).bodyAsText!) as T
  }
}

const lists: Record<string, () => Promise<unknown>> = {
  'Resource Manager, without a method of an SDK': () => {
    const path = '/subscriptions?api-version=2022-12-01'
    const server = endlessPages({ value: [], nextLink: `${cloud.arm}${path}` })
    return listAllPages({ cloud, signal } as ArmContext, server, path)
  },
  'Microsoft Graph': () => {
    const server = endlessPages({ value: [], '@odata.nextLink': `${cloud.graph}/v1.0/applications` })
    const credential = { getToken: async () => ({ token: 't', expiresOnTimestamp: Date.now() + 3_600_000 }) }
    return makeGraphRequests({ cloud, credential, http: server as unknown as Http, signal }).list(
      'applications',
    )
  },
  'custom objects': () => customObjects(endlessApiServer(), [custom], 'shop'),
  'the contents of a namespace': () => namespaceContents(endlessApiServer(), 'shop'),
}

for (const [name, list] of Object.entries(lists))
  test(`a list without an end is an error: ${name}`, async () => {
    await assert.rejects(list(), {
      code: 'ListTooLong',
      message: /more than 1000 pages, which is the limit$/,
    })
  })
