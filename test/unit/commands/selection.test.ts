import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CheckCode } from '../../../src/base/check-code.ts'
import { UsageError } from '../../../src/base/usage-error.ts'
import { selectChecks } from '../../../src/commands/run/selection.ts'
import { type AnyCheck, fail, pass } from '../../../src/engine/check.ts'
import type { RunEvent } from '../../../src/engine/events.ts'
import { makeReadCache } from '../../../src/engine/read-cache.ts'
import type { Run } from '../../../src/engine/run.ts'

const broken = new Set<string>()
const checkWith = (code: CheckCode, ...needs: AnyCheck[]): AnyCheck => ({
  code,
  title: `title of ${code}`,
  link: 'cluster',
  uses: [],
  needs: Object.fromEntries(needs.map((need) => [need.code, need])),
  run: async () => (broken.has(code) ? fail({ detail: 'no', remedy: 'do' }) : pass(true)),
})

const api = checkWith('WI701')
const webhook = checkWith('WI301', api)
const pod = checkWith('WI201', webhook)
const vault = checkWith('WI506')
const sample = checkWith('WI604', pod, vault)
const all = [api, webhook, pod, vault, sample]

async function reported(flags: { only?: string; skip?: string }, ...failing: string[]) {
  broken.clear()
  for (const code of failing) broken.add(code)
  const events: RunEvent[] = []
  const run = {
    settings: {},
    clients: {},
    signal: new AbortController().signal,
    emit: (event: RunEvent) => events.push(event),
    print: String,
    ...makeReadCache(),
    polling: { firstDelayMs: 1, maxDelayMs: 2 },
  } as unknown as Run
  const results = await selectChecks(all, flags).run(run, 0)
  const shown = events.flatMap((event) => (event.type === 'checked' ? [event.result.code] : []))
  assert.deepEqual(
    shown.toSorted(),
    results.map(({ code }) => code).toSorted(),
    'the events match the results',
  )
  return results.map(({ code, status }) => `${code} ${status}`)
}

test('without flags every check runs and is reported', async () => {
  assert.equal((await reported({})).length, 5)
})

test('--only: a dependency runs, and is reported only if it fails', async () => {
  assert.deepEqual(await reported({ only: 'WI2xx' }), ['WI201 pass'])
  assert.deepEqual(await reported({ only: 'wi201, WI506' }), ['WI201 pass', 'WI506 pass'])
  assert.deepEqual(await reported({ only: 'WI201' }, 'WI701'), ['WI701 fail', 'WI201 skip'])
  assert.deepEqual(await reported({ only: 'WI201' }, 'WI506'), ['WI201 pass'], 'other checks do not run')
  assert.deepEqual(
    selectChecks(all, { only: 'WI3' }).checks.map(({ code }) => code),
    ['WI701', 'WI301'],
  )
})

test('--skip: never reported, and its dependents are skipped if it fails', async () => {
  assert.deepEqual(await reported({ skip: 'WI30x,WI7xx,WI506,WI604' }), ['WI201 pass'])
  assert.deepEqual(await reported({ skip: 'WI301' }, 'WI301'), [
    'WI701 pass',
    'WI201 skip',
    'WI506 pass',
    'WI604 skip',
  ])
  assert.deepEqual(await reported({ only: 'WI2xx', skip: 'WI701' }, 'WI701'), ['WI201 skip'])
})

test('an unknown code is rejected with the list of codes', () => {
  for (const flags of [{ only: 'WI9xx' }, { skip: 'WI201,nonsense' }, { only: '' }, { only: 'WI' }])
    assert.throws(
      () => selectChecks(all, flags),
      (error) =>
        error instanceof UsageError &&
        /is not a check\n {2}one of WI201, WI301, WI506, WI604, WI701\n/.test(error.message),
    )
  assert.throws(() => selectChecks(all, { only: 'WI201', skip: 'WI2xx' }), /leave no checks/)
})
