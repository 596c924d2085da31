import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ActionRequiredError } from '../../../src/base/action-required.ts'
import { explain } from '../../../src/explain/index.ts'
import { jsonDocument } from '../../../src/ui/json.ts'
import { applied, broken, plan, settings } from '../../support/examples.ts'

test('a plan as a document', () => {
  const { steps, ...rest } = jsonDocument({ command: 'plan', ok: true, settings, plan })
  assert.deepEqual(rest, {
    schemaVersion: 1,
    command: 'plan',
    ok: true,
    settings,
    outputs: {},
    checks: [],
    error: null,
  })
  assert.deepEqual(steps[1], {
    id: 'cluster',
    title: 'cluster',
    state: 'absent',
    action: 'change',
    changes: [{ field: 'workload identity', is: 'off', want: 'on' }],
    ms: 0,
  })
  assert.equal(steps.length, plan.items.length)
})

test('a run that failed as a document', () => {
  const { steps, checks, error } = jsonDocument({
    command: 'setup',
    ok: false,
    settings,
    plan,
    applied: [
      applied('cluster', 'done', { ms: 12.6 }),
      applied('vault', 'failed'),
      applied('secret', 'skipped'),
      applied('access', 'stopped', { started: true }),
    ],
    checks: broken,
    error: explain(new ActionRequiredError('No', 'Do this')),
  })
  assert.deepEqual(
    steps.map(({ id, state, action, ms }) => [id, state, action, ms]),
    [
      ['cluster', 'ready', 'change', 13],
      ['vault', 'failed', 'create', 1000],
      ['secret', 'skipped', 'none', 1000],
      ['access', 'stopped', 'create', 1000],
    ],
  )
  assert.deepEqual(error, {
    code: 'Refused',
    message: 'No',
    remedy: 'Do this',
    commands: [],
    trace: null,
    service: null,
  })
  assert.equal(checks.length, broken.length)
  assert.equal(checks[6]?.remedy, 'npx wi-setup federate --namespace shop --service-account checkout')
  assert.equal(checks[0]?.remedy, null)
})
