import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import {
  newEnvironment,
  type ProgramEnvironment,
  parseCommandLine,
  sandboxFlags,
} from '../support/environment.ts'
import { inventoryOf, without } from '../support/inventory.ts'

const names = ['--vault', 'kv-killed', '--resource-group', 'rg-killed', '--cluster', 'aks-killed']
/** Slow enough to interrupt it. */
const command = ['--sandbox', '--yes', '--pace', '0.005', ...names]

const environments: ProgramEnvironment[] = []
const createEnvironment = (from?: ProgramEnvironment) => {
  const made = newEnvironment(from)
  environments.push(made)
  return made
}
after(() => {
  for (const each of environments) each.close()
})

let expected: string[]
before(async () => {
  const environment = createEnvironment()
  const { code, stderr } = await environment.run([...sandboxFlags, ...names])
  assert.equal(code, 0, stderr)
  expected = inventoryOf(environment.sandboxState())
})

/** Asserts that the same command finishes the set-up without duplicates, and that nothing is left to do. */
async function assertFinishes(environment: ProgramEnvironment, args: readonly string[] = command) {
  const { code, json } = await environment.run([...args, '--output', 'json'])
  assert.equal(code, 0, JSON.stringify(json.error ?? json.checks))
  assert.ok(json.checks.length > 10 && json.checks.every(({ status }) => status === 'pass'))
  const made = inventoryOf(environment.sandboxState())
  assert.deepEqual({ twice: without(made, expected), lost: without(expected, made) }, { twice: [], lost: [] })
  const plan = await environment.run(['plan', '--sandbox', '--pace', '0', '--output', 'json'])
  assert.ok(plan.json.steps.every(({ action }) => action === 'keep'))
}

/** Asserts that no run left the files of a pod. */
function assertNoPodFiles(environment: ProgramEnvironment) {
  assert.deepEqual(readdirSync(join(environment.sandboxFolder, 'pods')), [])
  assert.deepEqual(readdirSync(join(environment.root, 'tmp')), [])
}

test('the inventory lists every resource once', () => {
  assert.equal(new Set(expected).size, expected.length, expected.join('\n'))
  for (const each of [
    /^application wi-/,
    /^principal Application wi-/,
    /^credential wi-/,
    /^secret kv-killed/,
  ])
    assert.equal(expected.filter((line) => each.test(line)).length, 1, String(each))
  assert.equal(expected.filter((line) => line.startsWith('role ')).length, 3)
})

// After 1 to 14 writes: before the first response, while cluster and vault are created, around the role assignments, the
// credential and the secret, and with an incomplete sample.
describe('after kill -9 the same command finishes without duplicates', { concurrency: 3 }, () => {
  for (const writes of [1, 4, 6, 9, 12, 14])
    test(`after ${writes} writes`, async () => {
      const environment = createEnvironment()
      const run = environment.start(command)
      await run.until(() => environment.writes() >= writes)
      run.child.kill('SIGKILL')
      assert.equal((await run.ended).code, null)
      assert.ok(
        environment.savedSettings()?.includes('kv-killed'),
        'the settings were saved before the first write',
      )
      await assertFinishes(environment)
      assertNoPodFiles(environment)
    })
  test('killed repeatedly at various moments', async () => {
    const environment = createEnvironment()
    for (const ms of [120, 350, 600, 900, 700, 500, 650, 800]) {
      const run = environment.start(command)
      await delay(ms)
      run.child.kill('SIGKILL')
      await run.ended
    }
    await assertFinishes(environment)
    assertNoPodFiles(environment)
  })

  test('killed during the checks', async () => {
    const environment = createEnvironment()
    const run = environment.start(command)
    await run.until(() => run.stderr.includes('WI701'))
    run.child.kill('SIGKILL')
    await run.ended
    await assertFinishes(environment)
    assertNoPodFiles(environment)
  })

  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    test(`${signal} exits with 130 and prints what is done and in progress; the same command finishes`, async () => {
      const environment = createEnvironment()
      const run = environment.start(command)
      await run.until(() => /^start +vault/m.test(run.stderr) && /^start +cluster/m.test(run.stderr))
      const began = performance.now()
      run.child.kill(signal)
      const { code, stdout, stderr } = await run.ended
      assert.equal(code, 130)
      assert.ok(performance.now() - began < 3000)
      assert.equal(stdout, '')
      const last = stderr.slice(stderr.lastIndexOf('Stopped.')).replace(/\s+/g, ' ')
      assert.match(last, /^Stopped\. Done: .*resource group/)
      assert.match(last, /Azure may still be working on: .*cluster aks-killed/)
      const line = /To continue, run the same command again: +(npx wi-setup .*)$/m.exec(stderr)?.[1]
      assert.deepEqual(parseCommandLine(line!), command)
      assert.ok(!existsSync(join(environment.sandboxFolder, 'running.json')))
      if (signal === 'SIGINT') await assertFinishes(environment, parseCommandLine(line!))
    })

  test('Ctrl-C during the checks lists every step as done', async () => {
    const environment = createEnvironment()
    const slow = ['--sandbox', '--yes', '--pace', '0.02', ...names]
    const run = environment.start(slow)
    await run.until(() => run.stderr.includes('check    the chain'))
    run.child.kill('SIGINT')
    const { code, stderr } = await run.ended
    assert.equal(code, 130)
    assert.match(stderr, /Stopped\. Done: [\s\S]*sample\./)
    assert.doesNotMatch(stderr, /Nothing (was|has been) changed/)
    await assertFinishes(environment)
  })

  test('Ctrl-C before the first write says that nothing was changed', async () => {
    const environment = createEnvironment()
    const run = environment.start(['--sandbox', '--yes', '--pace', '0.3', ...names])
    await run.until(() => environment.journal().length >= 1)
    const began = performance.now()
    run.child.kill('SIGINT')
    const { code, stderr } = await run.ended
    assert.equal(code, 130)
    assert.ok(performance.now() - began < 3000)
    assert.match(stderr, /Stopped\. Nothing was changed\./)
    assert.equal(environment.writes(), 0)
    assert.equal(environment.savedSettings(), undefined)
  })

  test('an interrupted run with --output json prints one document', async () => {
    const environment = createEnvironment()
    const run = environment.start([...command, '--output', 'json'])
    await run.until(() => environment.writes() >= 5)
    run.child.kill('SIGINT')
    const { code, json, stderr } = await run.ended
    assert.equal(code, 130)
    assert.equal(stderr, '')
    assert.equal(json.ok, false)
    assert.equal(json.error?.code, 'Interrupted')
    assert.ok(json.steps.some(({ state, action }) => state === 'stopped' && action === 'create'))
    assert.ok(json.steps.some(({ state }) => state === 'ready'))
  })

  test('--timeout exits with 1 and names the flag; the same command continues', async () => {
    const environment = createEnvironment()
    const { code, stderr } = await environment.run([...command, '--timeout', '900ms'])
    assert.equal(code, 1)
    assert.match(stderr, /Not finished within 900ms \(--timeout\)/)
    const { json } = await environment.run([...command, '--timeout', '300ms', '--output', 'json'])
    assert.match(json.error?.message ?? '', /--timeout/)
    await assertFinishes(environment)
  })
})
