import assert from 'node:assert/strict'
import { test } from 'node:test'
import { operatorToken, request } from '../../support/request.ts'
import { testSandbox } from '../../support/sandbox.ts'

for (const registered of [false, true])
  test(`the resource providers of a sandbox that starts ${registered ? 'with' : 'without'} --registered`, async () => {
    const sandbox = await testSandbox({ registered, pace: 1 })
    const { arm } = sandbox.simulator.addresses
    const token = await operatorToken(sandbox, arm)
    for (const namespace of [
      'ContainerService',
      'ManagedIdentity',
      'KeyVault',
      'Storage',
      'AppConfiguration',
      'DocumentDB',
      'CognitiveServices',
      'ContainerRegistry',
      'Sql',
      'DBforPostgreSQL',
    ]) {
      const path = `/subscriptions/${sandbox.state.subscription.id}/providers/Microsoft.${namespace}`
      const { body } = await request(sandbox, `${arm}${path}?api-version=2021-04-01`, { token })
      assert.equal(body.registrationState, registered ? 'Registered' : 'NotRegistered')
    }
  })
