import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  chainChecks,
  inClusterChecks,
  jobChecks,
  objectChecks,
  postureChecks,
  preflightChecks,
  workloadChecks,
} from '../../../src/checks/index.ts'

const duplicates = (codes: readonly string[]) => codes.filter((code, index) => codes.indexOf(code) !== index)

test('every check has its own code', () => {
  const all = [
    ...new Set([...chainChecks, ...jobChecks]),
    ...inClusterChecks,
    ...workloadChecks,
    ...objectChecks,
    ...postureChecks,
  ]
  assert.deepEqual(duplicates(all.map(({ code }) => code)), [])
  // Some prerequisite checks share a code with a check of the chain, but never with a posture check.
  const postureCodes = new Set(postureChecks.map(({ code }) => code))
  assert.deepEqual(
    preflightChecks.filter(({ code }) => postureCodes.has(code)),
    [],
  )
})
