import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withDependencies } from '../../../src/engine/plan.ts'
import type { StepCommand } from '../../../src/engine/step.ts'
import { settingSpec } from '../../../src/settings/table.ts'
import { stepsFor } from '../../../src/steps/index.ts'

/** Returns the settings without a default that a command of the set-up needs. */
const requiredBy = (command: StepCommand) =>
  [
    ...new Set(
      withDependencies(stepsFor({}), (step) => step.command === command).flatMap(({ uses }) => uses),
    ),
  ].filter((name) => {
    const { default: makeDefault, defaultNote, optional } = settingSpec(name)
    return !makeDefault && defaultNote === undefined && !optional
  })

for (const [command, expected] of [
  ['cluster', ['cluster', 'resourceGroup']],
  ['identity', []],
  ['federate', ['cluster', 'resourceGroup']],
  ['webhook', ['cluster', 'resourceGroup']],
  ['vault', ['resourceGroup', 'vault']],
] as const)
  test(`${command} needs no setting of another part`, () => {
    assert.deepEqual(requiredBy(command).toSorted(), expected)
  })
