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
const saying = (code: CheckCode, ...needs: AnyCheck[]): AnyCheck => ({
  code,
  title: `title of ${code}`,
  link: 'cluster',
  uses: [],
  needs: Object.fromEntries(needs.map((need) => [need.code, need])),
  run: async () => (broken.has(code) ? fail({ detail: 'no', remedy: 'do' }) : pass(true)),
})

const api = saying('WI701')
const webhook = saying('WI301', api)
const pod = saying('WI201', webhook)
const vault = saying('WI506')
const sample = saying('WI604', pod, vault)
const all = [api, webhook, pod, vault, sample]

async function told(flags: { only?: string; skip?: string }, ...failing: string[]) {
  broken.clear()
  for (const code of failing) broken.add(code)
  const events: RunEvent[] = []
  const run = {
    settings: {},
    clients: {},
    signal: new AbortController().signal,
    emit: (event: RunEvent) => events.push(event),
    ...makeReadCache(),
    polling: { firstDelayMs: 1, maxDelayMs: 2 },
  } as unknown as Run
  const results = await selectChecks(all, flags).run(run, 0)
  const shown = events.flatMap((event) => (event.type === 'checked' ? [event.result.code] : []))
  assert.deepEqual(shown.toSorted(), results.map(({ code }) => code).toSorted(), 'shown is what counts')
  return results.map(({ code, status }) => `${code} ${status}`)
}

test('without flags every check is run and told of', async () => {
  assert.equal((await told({})).length, 5)
})

test('--only: what is needed runs, and is told of only where it fails', async () => {
  assert.deepEqual(await told({ only: 'WI2xx' }), ['WI201 pass'])
  assert.deepEqual(await told({ only: 'wi201, WI506' }), ['WI201 pass', 'WI506 pass'])
  assert.deepEqual(await told({ only: 'WI201' }, 'WI701'), ['WI701 fail', 'WI201 skip'])
  assert.deepEqual(await told({ only: 'WI201' }, 'WI506'), ['WI201 pass'], 'what is not needed is not run')
  assert.deepEqual(
    selectChecks(all, { only: 'WI3' }).checks.map(({ code }) => code),
    ['WI701', 'WI301'],
  )
})

test('--skip: never told of, and what hangs on it is skipped because of it where it fails', async () => {
  assert.deepEqual(await told({ skip: 'WI30x,WI7xx,WI506,WI604' }), ['WI201 pass'])
  assert.deepEqual(await told({ skip: 'WI301' }, 'WI301'), [
    'WI701 pass',
    'WI201 skip',
    'WI506 pass',
    'WI604 skip',
  ])
  assert.deepEqual(await told({ only: 'WI2xx', skip: 'WI701' }, 'WI701'), ['WI201 skip'])
})

test('codes that are none are told with those that there are', () => {
  for (const flags of [{ only: 'WI9xx' }, { skip: 'WI201,nonsense' }, { only: '' }, { only: 'WI' }])
    assert.throws(
      () => selectChecks(all, flags),
      (error) =>
        error instanceof UsageError &&
        /is no check\n {2}there are: WI201, WI301, WI506, WI604, WI701\n/.test(error.message),
    )
  assert.throws(() => selectChecks(all, { only: 'WI201', skip: 'WI2xx' }), /leave no check/)
})
