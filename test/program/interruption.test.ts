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
/** So slow that there is time for all that is waited for in Azure. */
const command = ['--sandbox', '--yes', '--pace', '0.005', ...names]

const places: ProgramEnvironment[] = []
const fresh = (from?: ProgramEnvironment) => {
  const made = newEnvironment(from)
  places.push(made)
  return made
}
after(() => {
  for (const each of places) each.close()
})

let whole: string[]
before(async () => {
  const environment = fresh()
  const { code, stderr } = await environment.run([...sandboxFlags, ...names])
  assert.equal(code, 0, stderr)
  whole = inventoryOf(environment.sandboxState())
})

/** The same command ends the job: proven, nothing twice, and then nothing is left to do. */
async function finishes(environment: ProgramEnvironment, args: readonly string[] = command) {
  const { code, json } = await environment.run([...args, '--output', 'json'])
  assert.equal(code, 0, JSON.stringify(json.error ?? json.checks))
  assert.ok(json.checks.length > 10 && json.checks.every(({ status }) => status === 'pass'))
  const made = inventoryOf(environment.sandboxState())
  assert.deepEqual({ twice: without(made, whole), lost: without(whole, made) }, { twice: [], lost: [] })
  const plan = await environment.run(['plan', '--sandbox', '--pace', '0', '--output', 'json'])
  assert.ok(plan.json.steps.every(({ action }) => action === 'keep'))
}

/** Nothing of a pod outlives the program for long. */
async function podsGone(environment: ProgramEnvironment) {
  const folder = join(environment.root, 'tmp')
  for (let turn = 0; readdirSync(folder).length && turn < 200; turn++) await delay(10)
  assert.deepEqual(readdirSync(folder), [])
}

test('the census counts: it has all that was made, each once', () => {
  assert.equal(new Set(whole).size, whole.length, whole.join('\n'))
  for (const each of [
    /^application wi-/,
    /^principal Application wi-/,
    /^credential wi-/,
    /^secret kv-killed/,
  ])
    assert.equal(whole.filter((line) => each.test(line)).length, 1, String(each))
  assert.equal(whole.filter((line) => line.startsWith('role ')).length, 3)
})

// After so many writes: before any is answered, in mid-creation of cluster and vault, around the roles, the credential,
// the secret, and with half a sample.
describe('kill -9: the same command finishes, and nothing is there twice', { concurrency: 3 }, () => {
  for (const writes of [1, 4, 6, 9, 12, 14])
    test(`after ${writes} writes`, async () => {
      const environment = fresh()
      const run = environment.start(command)
      await run.until(() => environment.writes() >= writes)
      run.child.kill('SIGKILL')
      assert.equal((await run.ended).code, null)
      assert.ok(
        environment.savedSettings()?.includes('kv-killed'),
        'the answers were kept before the first write',
      )
      await finishes(environment)
      await podsGone(environment)
    })
  test('killed again and again, at any moment', async () => {
    const environment = fresh()
    for (const ms of [120, 350, 600, 900, 700, 500, 650, 800]) {
      const run = environment.start(command)
      await delay(ms)
      run.child.kill('SIGKILL')
      await run.ended
    }
    await finishes(environment)
    await podsGone(environment)
  })

  test('killed with the proof under way', async () => {
    const environment = fresh()
    const run = environment.start(command)
    await run.until(() => run.stderr.includes('WI701'))
    run.child.kill('SIGKILL')
    await run.ended
    await podsGone(environment)
    await finishes(environment)
  })

  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    test(`${signal} in mid-run: exit 130, says what is done and what goes on, and the same command finishes`, async () => {
      const environment = fresh()
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
      assert.match(last, /Azure may still be at work on: .*cluster aks-killed/)
      const line = /from here: +(npx wi-setup .*)$/m.exec(stderr)?.[1]
      assert.deepEqual(parseCommandLine(line!), command)
      assert.ok(!existsSync(join(environment.sandboxFolder, 'running.json')))
      if (signal === 'SIGINT') await finishes(environment, parseCommandLine(line!))
    })

  test('Ctrl-C while it proves: says that all is done', async () => {
    const environment = fresh()
    const slow = ['--sandbox', '--yes', '--pace', '0.02', ...names]
    const run = environment.start(slow)
    await run.until(() => run.stderr.includes('check    the whole chain'))
    run.child.kill('SIGINT')
    const { code, stderr } = await run.ended
    assert.equal(code, 130)
    assert.match(stderr, /Stopped\. Done: [\s\S]*sample\./)
    assert.doesNotMatch(stderr, /Nothing (was|has been) changed/)
    await finishes(environment)
  })

  test('Ctrl-C before anything was written: says so, and leaves nothing', async () => {
    const environment = fresh()
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

  test('an interrupted run in JSON is one document that says so', async () => {
    const environment = fresh()
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

  test('--timeout: exit 1, says that it was the time; the same command goes on', async () => {
    const environment = fresh()
    const { code, stderr } = await environment.run([...command, '--timeout', '900ms'])
    assert.equal(code, 1)
    assert.match(stderr, /Not done within 900ms, the --timeout/)
    const { json } = await environment.run([...command, '--timeout', '300ms', '--output', 'json'])
    assert.match(json.error?.message ?? '', /--timeout/)
    await finishes(environment)
  })
})
