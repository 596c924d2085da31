import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FaultRule } from '../../../sandbox/index.ts'
import { healthOf } from '../../../src/engine/check-result.ts'
import { unhealthyText } from '../../../src/ui/verify-text.ts'
import { terminalStyle } from '../../support/examples.ts'
import { newTestRun } from '../../support/test-run.ts'

const failures: Record<string, Partial<FaultRule> & Pick<FaultRule, 'fault'>> = {
  'Azure Resource Manager returns 503': { fault: '503', role: 'arm' },
  'Microsoft Graph returns 503': { fault: '503', role: 'graph' },
  'Microsoft Entra ID returns 504': { fault: '504', role: 'login' },
  'Key Vault throttles requests': { fault: '429', role: 'vault' },
  'Key Vault closes the connection': { fault: 'cut-before', role: 'vault' },
  'the API server returns 500': { fault: '500', role: 'kube' },
}

for (const [name, rule] of Object.entries(failures))
  test(`it could not tell whether the set-up is healthy: ${name}`, async () => {
    const { sandbox, apply, verify } = await newTestRun()
    await apply()
    sandbox.faults.add({ times: 1_000_000, ...rule })
    const checks = await verify()
    assert.equal(healthOf(checks), 'unknown')
    assert.match(
      unhealthyText({ checks, look: terminalStyle }),
      /Could not tell whether it works[^✗]*, 0 failed/,
    )
  })

test('a service that fails does not hide what is proven broken', async () => {
  const { sandbox, state, apply, verify } = await newTestRun()
  await apply()
  for (const credential of Object.values(state.directory.applications).flatMap(
    ({ credentials }) => Object.values(credentials ?? {}) as { subject: string }[],
  ))
    credential.subject = 'system:serviceaccount:shop:other'
  sandbox.faults.add({ fault: '503', role: 'vault', times: 1_000_000 })
  assert.equal(healthOf(await verify()), 'unhealthy')
})

test('--wait waits until the service is available', async () => {
  const { sandbox, apply, verify } = await newTestRun()
  await apply()
  sandbox.faults.add({ fault: '503', role: 'vault', times: 12 })
  assert.equal(healthOf(await verify(60_000)), 'healthy')
})
