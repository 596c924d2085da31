import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  chainChecks,
  inClusterChecks,
  postureChecks,
  preflightChecks,
  workloadChecks,
} from '../../../src/checks/index.ts'

const twice = (codes: readonly string[]) => codes.filter((code, index) => codes.indexOf(code) !== index)

test('no two sentences have the same code', () => {
  const all = [...chainChecks, ...inClusterChecks, ...workloadChecks, ...postureChecks]
  assert.deepEqual(twice(all.map(({ code }) => code)), [])
  // Before a set-up some are asked with the same code, in another way; those of posture never.
  const tight = new Set(postureChecks.map(({ code }) => code))
  assert.deepEqual(
    preflightChecks.filter(({ code }) => tight.has(code)),
    [],
  )
})
