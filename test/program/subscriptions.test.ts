import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newEnvironment, sandboxFlags } from '../support/environment.ts'

test('an identity of another subscription is set up, proven and deleted by its resource ID', async (context) => {
  const environment = newEnvironment()
  context.after(() => environment.close())
  const serving = environment.start([
    ...['sandbox', 'start', '--subscriptions', '2'],
    ...['--output', 'json', '--pace', '0'],
  ])
  await serving.until(() => serving.stdout.endsWith('\n'))
  serving.child.kill('SIGINT')
  await serving.ended
  const other = JSON.parse(serving.stdout).subscriptions[1] as { id: string; displayName: string }

  const run = async (...args: string[]) => {
    const output = await environment.run(args)
    assert.equal(output.code, 0, output.stderr)
    return output
  }
  await run(
    ...['identity', ...sandboxFlags, '--subscription', other.displayName, '--resource-group', 'rg-ids'],
    ...['--identity-kind', 'managed', '--identity', 'id-shop', '--location', 'westeurope'],
    ...['--file', 'platform.yaml'],
  )
  const identity = `/subscriptions/${other.id}/resourceGroups/rg-ids/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-shop`
  const { stderr } = await run(...sandboxFlags, '--identity', identity)
  assert.match(stderr, /managed identity +id-shop/)
  assert.match(environment.savedSettings()!, new RegExp(`^identitySubscription: ${other.id}$`, 'm'))
  assert.doesNotMatch(environment.savedSettings()!, /vaultSubscription/)

  const before = environment.writes()
  await run(...sandboxFlags)
  assert.equal(environment.writes(), before)
  await run('verify', '--sandbox', '--pace', '0')

  await run('destroy', ...sandboxFlags, '--confirm', 'aks-demo')
  const { groups, resources } = environment.sandboxState().arm
  assert.deepEqual(Object.keys(resources), [])
  assert.deepEqual(Object.keys(groups), [`/subscriptions/${other.id}/resourcegroups/rg-ids`])
})

test('an unknown subscription and a contradiction are errors that name the setting', async (context) => {
  const environment = newEnvironment()
  context.after(() => environment.close())
  const fail = async (...args: string[]) => {
    const { code, stderr } = await environment.run(['plan', '--sandbox', '--pace', '0', ...args])
    assert.equal(code, 2, stderr)
    return stderr
  }
  assert.match(
    await fail('--vault-subscription', 'Contoso Secrets'),
    /--vault-subscription "Contoso Secrets" is not one of your subscriptions\n\n +[-\da-f]{36} +Contoso Dev/,
  )
  const group = '/subscriptions/12345678-0000-4000-8000-000000000000/resourceGroups/rg-a'
  const vault = `${group}/providers/Microsoft.KeyVault/vaults/kv-shop`
  assert.match(
    await fail('--vault', vault, '--vault-resource-group', 'rg-b'),
    /--vault is the resource ID .*, but --vault-resource-group is "rg-b"\n +leave out --vault-resource-group, or set it to rg-a/,
  )
  assert.match(await fail('--cluster', vault), /--cluster ".*" is not the resource ID of such a resource/)
})
