import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resolveSettings } from '../../../src/settings/resolve.ts'
import { valuesOf } from '../../../src/settings/settings.ts'

const file = { kubeconfig: '/k', context: 'kind-local', cluster: 'aks-shop', namespace: 'shop' }
const values = (flags: Record<string, string>, env: Record<string, string> = {}) => {
  const { kubeconfig, context, cluster } = valuesOf(
    resolveSettings({ flags, env, file, filePath: 'wi-setup.yaml' }),
  )
  return { kubeconfig, context, cluster }
}

test('a cluster that is given now outranks the kubeconfig and context in the file', () => {
  const none = { kubeconfig: undefined, context: undefined }
  assert.deepEqual(values({}), { kubeconfig: '/k', context: 'kind-local', cluster: 'aks-shop' })
  assert.deepEqual(values({ cluster: 'aks-two' }), { ...none, cluster: 'aks-two' })
  assert.deepEqual(values({}, { WI_SETUP_CLUSTER: 'aks-two' }), { ...none, cluster: 'aks-two' })
  assert.equal(values({ kubeconfig: '/other' }).context, undefined)
  assert.deepEqual(values({ cluster: 'aks-two', context: 'x' }), {
    kubeconfig: '/k',
    context: 'x',
    cluster: 'aks-two',
  })
})

test('another project keeps the issuer in the file, but not which of its jobs may use the identity', () => {
  const saved = { issuer: 'github', project: 'acme/shop', environment: 'production' }
  const { issuer, project, environment } = valuesOf(
    resolveSettings({ flags: { project: 'acme/other' }, env: {}, file: saved, filePath: 'wi-setup.yaml' }),
  )
  assert.deepEqual(
    { issuer, project, environment },
    { issuer: 'github', project: 'acme/other', environment: undefined },
  )
})
