import assert from 'node:assert/strict'
import { test } from 'node:test'
import { caller, chain, inside, posture, workloads } from '../../../../src/checks/index.ts'

const twice = (codes: readonly string[]) => codes.filter((code, index) => codes.indexOf(code) !== index)

test('no two sentences have the same code', () => {
  const all = [...chain, ...inside, ...workloads, ...posture]
  assert.deepEqual(twice(all.map(({ code }) => code)), [])
  // Before a set-up some are asked with the same code, in another way; those of posture never.
  const tight = new Set(posture.map(({ code }) => code))
  assert.deepEqual(
    caller.filter(({ code }) => tight.has(code)),
    [],
  )
})
