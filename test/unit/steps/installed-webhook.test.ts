import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject, Kubernetes } from '../../../src/clients/kubernetes.ts'
import { readRelease } from '../../../src/steps/installed-webhook.ts'

const revision = (version: number, status: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: `sh.helm.release.v1.${version}`, labels: { version: `${version}`, status } },
})

test('the last revision of the release counts, and the shared list keeps its order', async () => {
  const shared = [revision(10, 'failed'), revision(2, 'superseded'), revision(9, 'superseded')]
  const kube = { list: async () => shared, get: async () => undefined } as unknown as Kubernetes
  assert.equal((await readRelease(kube)).status, 'failed')
  assert.deepEqual(
    shared.map(({ metadata }) => metadata.labels?.version),
    ['10', '2', '9'],
  )
})
