import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { afterEach, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { newEnvironment, type ProgramEnvironment } from '../support/environment.ts'
import { installStubHelm, running, type StubHelm, survivors } from '../support/stub-helm.ts'
import { noTerminal, terminal } from '../support/terminal.ts'

/** Another version than the pinned one, whose archive would be downloaded and compared before the upgrade. */
const command = ['--sandbox', '--webhook', 'helm', '--chart-version', '1.5.1', '--yes', '--pace', '0']

let environment: ProgramEnvironment
let helm: StubHelm
const start = (andThen?: string, args = command) => {
  environment = newEnvironment()
  helm = installStubHelm(environment.root, andThen)
  return environment.start(args, { env: helm.env })
}

/** Waits until helm has started its program. Fails with what wi-setup printed if it ends before that. */
async function waitForHelm(run?: { ended: Promise<{ stderr: string }> }): Promise<number[]> {
  let ended: { stderr: string } | undefined
  void run?.ended.then((result) => {
    ended = result
  })
  for (const deadline = performance.now() + 60_000; helm.processes().length === 0; await delay(20))
    assert.ok(!ended && performance.now() < deadline, `helm was not started: ${ended?.stderr}`)
  assert.equal(running(helm.processes()).length, 2)
  assert.ok(existsSync(helm.kubeconfigs().at(-1)!))
  return helm.processes()
}

async function assertNothingLeft(): Promise<void> {
  assert.deepEqual(await survivors(helm.processes()), [])
  assert.deepEqual(helm.kubeconfigs().filter(existsSync), [])
}

describe('what helm started', { skip: process.platform !== 'linux' && 'reads /proc' }, () => {
  afterEach(() => {
    for (const pid of running(helm.processes())) process.kill(pid, 'SIGKILL')
    environment.close()
  })

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    test(`ends after ${signal}, with its kubeconfig`, async () => {
      const run = start()
      await waitForHelm(run)
      const began = performance.now()
      run.child.kill(signal)
      assert.equal((await run.ended).code, 130)
      assert.ok(performance.now() - began < 5000)
      await assertNothingLeft()
    })

  test('ends after a second Ctrl-C, at once', async () => {
    const run = start('trap "" TERM; while :; do wait; done')
    await waitForHelm(run)
    run.child.kill('SIGINT')
    await delay(300)
    const began = performance.now()
    run.child.kill('SIGINT')
    assert.equal((await run.ended).code, 130)
    assert.ok(performance.now() - began < 1000)
    await assertNothingLeft()
  })

  test('ends when the terminal is closed', { skip: noTerminal }, async () => {
    environment = newEnvironment()
    helm = installStubHelm(environment.root)
    const screen = terminal(environment, command, { env: helm.env })
    const pids = await waitForHelm()
    screen.close()
    for (let turn = 0; turn < 200 && running(pids).length > 0; turn++) await delay(50)
    await delay(300)
    await assertNothingLeft()
  })

  test('ends after --timeout', async () => {
    const run = start(undefined, [...command, '--timeout', '6s'])
    await waitForHelm(run)
    assert.equal((await run.ended).code, 1)
    await assertNothingLeft()
  })

  test('ends when helm fails and leaves it behind', async () => {
    const run = start("echo 'Error: chart not found' >&2; exit 1")
    const { code, stderr } = await run.ended
    assert.equal(code, 1)
    assert.match(stderr, /chart not found/)
    assert.equal(helm.processes().length, 2)
    await assertNothingLeft()
  })

  test('loses its kubeconfig at the next start after kill -9, but not while its owner runs', async () => {
    const run = start()
    await waitForHelm(run)
    const kubeconfig = helm.kubeconfigs().at(-1)!
    await environment.run(['--version'])
    assert.ok(existsSync(kubeconfig), 'its owner runs')
    run.child.kill('SIGKILL')
    await run.ended
    assert.ok(existsSync(kubeconfig))
    assert.equal((await environment.run(['--version'])).code, 0)
    assert.ok(!existsSync(kubeconfig))
  })
})
