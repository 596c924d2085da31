import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { runProgram } from '../../../src/clients/run-program.ts'
import { survivors } from '../../support/stub-helm.ts'
import { waitUntil } from '../../support/wait-until.ts'

const folder = mkdtempSync(join(tmpdir(), 'wi-run-'))
after(() => rmSync(folder, { recursive: true }))

const errors = { service: 'kubernetes', missing: 'PluginNotFound', failed: 'PluginFailed' } as const
const run = (script: string, signal = new AbortController().signal) =>
  runProgram('sh', ['-c', script], { env: { PATH: process.env.PATH }, signal, errors })
const unix = { skip: process.platform !== 'linux' && 'reads /proc' }

test('the output and the exit code are returned', unix, async () => {
  assert.deepEqual(await run('echo out; echo err >&2; exit 3'), { exitCode: 3, stdout: 'out', stderr: 'err' })
  assert.equal((await run('head -c 300000 /dev/zero | tr "\\0" a')).stdout.length, 300_000)
})

test('a background program that holds the output is ended, not waited for', unix, async () => {
  const began = performance.now()
  const { stdout, exitCode } = await run(
    `sh -c 'trap "" TERM; echo $$; while :; do sleep 0.1; done' & sleep 0.3`,
  )
  assert.equal(exitCode, 0)
  assert.ok(performance.now() - began < 3000)
  assert.deepEqual(await survivors([Number(stdout)]), [])
})

test('a background program without output is ended, too', unix, async () => {
  const { stdout } = await run(`sh -c 'trap "" TERM; while :; do sleep 0.1; done' >/dev/null 2>&1 & echo $!`)
  assert.deepEqual(await survivors([Number(stdout)]), [])
})

test('a program that left the process group is not waited for', unix, async () => {
  const began = performance.now()
  const { stdout } = await run(`setsid sh -c 'echo $$; exec sleep 30' & sleep 0.3`)
  assert.ok(performance.now() - began < 3000)
  process.kill(Number(stdout), 'SIGKILL')
})

test('an interrupted program may end by itself; one that ignores it is killed', unix, async () => {
  for (const [trap, limit] of [
    ['exit 0', 1500],
    ['', 4500],
  ] as const) {
    const stop = new AbortController()
    const stopped = run(`trap '${trap}' TERM; while :; do sleep 0.1; done`, stop.signal)
    await delay(300)
    const began = performance.now()
    stop.abort(new Error('stopped'))
    await assert.rejects(stopped, /stopped/)
    assert.ok(performance.now() - began < limit, `${performance.now() - began} ms`)
  }
})

test('a program that is missing or cannot be started is an error of its service', async () => {
  const options = { env: {}, signal: new AbortController().signal }
  for (const own of [errors, { service: 'helm', missing: 'HelmNotFound', failed: 'HelmFailed' } as const]) {
    const { service, missing, failed } = own
    await assert.rejects(runProgram('/nonexistent/x', [], { ...options, errors: own }), {
      service,
      code: missing,
    })
    await assert.rejects(runProgram(folder, [], { ...options, errors: own }), {
      service,
      code: failed,
      message: /can't be started: EACCES/,
    })
  }
})

test('a program that the system does not allow to end is not waited for', unix, async (t) => {
  const stop = new AbortController()
  const pidFile = join(folder, 'pid')
  const stopped = run(`echo $$ > ${pidFile}; exec sleep 30`, stop.signal)
  await waitUntil(() => existsSync(pidFile), 'the program to start')
  t.mock.method(process, 'kill', () => {
    throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' })
  })
  const began = performance.now()
  stop.abort(new Error('stopped'))
  await assert.rejects(stopped, /stopped/)
  assert.ok(performance.now() - began < 3000)
  t.mock.restoreAll()
  process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL')
})
