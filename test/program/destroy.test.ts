import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { SandboxState } from '../../sandbox/index.ts'
import { newEnvironment, type ProgramEnvironment, sandboxFlags } from '../support/environment.ts'
import { noTerminal, terminal } from '../support/terminal.ts'

const names = ['--vault', 'kv-gone', '--resource-group', 'rg-gone', '--cluster', 'aks-gone']
const consent = ['--yes', '--confirm', 'aks-gone']
const slow = ['destroy', '--sandbox', ...consent, '--pace', '0.004', ...names]
const quick = ['destroy', '--sandbox', '--pace', '0', ...names]

const environments: ProgramEnvironment[] = []
const createEnvironment = (from?: ProgramEnvironment) => {
  const setUpCopy = newEnvironment(from)
  environments.push(setUpCopy)
  return setUpCopy
}
after(() => {
  for (const each of environments) each.close()
})

/** Returns every resource that exists; resource providers stay registered. */
const remainingIn = ({ arm, directory, clusters }: SandboxState) => [
  ...Object.keys(arm.groups),
  ...Object.keys(arm.resources),
  ...Object.values(arm.roleAssignments).filter(
    ({ scope, deletedAt }) => /\/vaults\//i.test(scope) && deletedAt === undefined,
  ),
  ...Object.values(directory.applications).filter(
    ({ deletedAt, body }) => deletedAt === undefined && body.displayName !== 'sandbox-operator',
  ),
  ...Object.values(clusters),
]

let complete: ProgramEnvironment
const setUpCopy = async () => {
  if (!complete) {
    complete = createEnvironment()
    const { code, stderr } = await complete.run([...sandboxFlags, ...names])
    assert.equal(code, 0, stderr)
  }
  return createEnvironment(complete)
}

test('it shows the plan, requires consent, deletes everything, and then finds nothing to delete', async () => {
  const environment = await setUpCopy()
  const before = environment.writes()
  const dry = await environment.run([...quick, '--dry-run', '--output', 'json'])
  assert.equal(dry.code, 0)
  assert.deepEqual([...new Set(dry.json.steps.map(({ action }) => action))], ['remove'])
  assert.ok(dry.json.steps.every(({ note }) => note !== undefined))
  const unconfirmed = await environment.run(quick)
  assert.equal(unconfirmed.code, 2)
  assert.match(
    unconfirmed.stderr,
    /--confirm must name the cluster aks-gone\n {2}review the plan, then pass --yes and the names:\n\n.*destroy .*--yes --confirm aks-gone\n/,
  )
  assert.equal(environment.writes(), before)
  const done = await environment.run([...quick, ...consent, '--output', 'json'])
  assert.equal(done.code, 0)
  assert.ok(done.json.ok && done.json.steps.every(({ state }) => state === 'absent'))
  assert.equal(done.stderr, '')
  assert.deepEqual(remainingIn(environment.sandboxState()), [])
  const after = environment.writes()
  const again = await environment.run([...quick, ...consent])
  assert.equal(again.code, 0)
  assert.match(again.stderr, /Nothing to delete\./)
  assert.equal(environment.writes(), after)
})

test('--yes alone, or with another name, deletes no cluster; --purge needs the names of the vault and the application, too', async () => {
  const environment = await setUpCopy()
  const before = environment.writes()
  const refused = async (...flags: string[]) => {
    const { code, stderr } = await environment.run([...quick, '--yes', ...flags])
    assert.equal(code, 2)
    assert.equal(environment.writes(), before)
    return stderr
  }
  assert.match(await refused(), /--confirm must name the cluster aks-gone\n/)
  assert.match(await refused('--confirm', 'aks-gon'), /the cluster aks-gone, not aks-gon\n/)
  assert.match(await refused('--confirm', 'AKS-gone'), /the cluster aks-gone, not AKS-gone\n/)
  assert.match(
    await refused('--purge', '--confirm', 'aks-gone'),
    /must name the vault kv-gone and the app registration\s+wi-vault-reader-vault-reader\n/,
  )
  const plan = await environment.run([...quick, '--dry-run', '--purge', '--output', 'json'])
  const needed = plan.json.steps.flatMap(({ confirm }) => confirm ?? [])
  const all = ['--purge', '--yes', '--confirm', ...needed]
  const done = await environment.run([...quick, ...all])
  assert.equal(done.code, 0, done.stderr)
  assert.deepEqual(remainingIn(environment.sandboxState()), [])
  const again = await environment.run([...quick, ...all])
  assert.equal(again.code, 0, again.stderr)
  assert.match(again.stderr, /Nothing to delete\./)
})

test('after a kill at any moment the same command deletes the rest', async () => {
  const from = await setUpCopy()
  for (const ms of [300, 700, 1100, 1600, 2300]) {
    const environment = createEnvironment(from)
    const run = environment.start(slow)
    await Promise.race([delay(ms), run.ended])
    run.child.kill('SIGKILL')
    await run.ended
    const { code, stderr } = await environment.run([...quick, ...consent])
    assert.equal(code, 0, stderr)
    assert.deepEqual(remainingIn(environment.sandboxState()), [], `killed after ${ms} ms`)
  }
})

test('Ctrl-C prints what is done and what Azure is still working on', async () => {
  const environment = await setUpCopy()
  const run = environment.start([...slow.slice(0, 6), '1', ...names])
  await run.until(() => /start +cluster/.test(run.stderr))
  run.child.kill('SIGINT')
  const { code, stderr } = await run.ended
  assert.equal(code, 130)
  assert.match(stderr, /Azure may still be working on: +cluster aks-gone/)
  assert.match(stderr, /To continue, run the same command again: +npx wi-setup destroy/)
  const again = await environment.run([...quick, ...consent])
  assert.equal(again.code, 0, again.stderr)
  assert.deepEqual(remainingIn(environment.sandboxState()), [])
})

describe('on a terminal', { skip: noTerminal ?? false }, () => {
  test('it asks once, and answering No changes nothing', async () => {
    const environment = await setUpCopy()
    const before = environment.writes()
    const run = terminal(environment, quick)
    try {
      const plan = await run.shows(/Delete these resources \(y\/N\)/)
      assert.match(plan, /\b13 to delete\. Nothing is purged\./)
      run.press('Enter')
      await run.shows(/Nothing was changed\./)
      assert.equal(await run.exits(), 1)
      assert.equal(environment.writes(), before)
    } finally {
      run.close()
    }
  })

  test('it asks for the name of the cluster, also with --yes; Enter alone changes nothing', async () => {
    const environment = await setUpCopy()
    const before = environment.writes()
    const run = terminal(environment, [...quick, '--yes'])
    try {
      await run.shows(/Type aks-gone to permanently delete the cluster/)
      run.type('aks-other')
      run.press('Enter')
      await run.shows(/Type aks-gone, or press Enter to cancel/)
      assert.equal(environment.writes(), before)
      run.press('C-u')
      run.press('Enter')
      await run.shows(/Nothing was changed\./)
      assert.equal(await run.exits(), 1)
      assert.equal(environment.writes(), before)
    } finally {
      run.close()
    }
  })

  test('typing the name deletes the rest', async () => {
    const environment = await setUpCopy()
    const run = terminal(environment, quick)
    try {
      await run.shows(/Delete these resources \(y\/N\)/)
      run.type('y')
      run.press('Enter')
      await run.shows(/Type aks-gone to permanently delete the cluster/)
      run.type('aks-gone')
      run.press('Enter')
      assert.equal(await run.exits(), 0)
      assert.deepEqual(remainingIn(environment.sandboxState()), [])
    } finally {
      run.close()
    }
  })
})
