import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseSync, Visitor } from 'oxc-parser'
import { waitUntil } from '../support/wait-until.ts'

const root = join(import.meta.dirname, '../..')

/** Returns the loops of a file that wait for a time or an event and have no other way out than their condition. */
function unboundedWaits(path: string, text: string): string[] {
  const found: string[] = []
  const visit = ({ body, start }: { body: { start: number; end: number }; start: number }) => {
    const source = text.slice(body.start, body.end)
    if (!/\bawait (?:delay|setTimeout|new Promise)\b/.test(source)) return
    if (/\b(?:throw|assert|deadline|limitMs)\b/.test(text.slice(start, body.end))) return
    found.push(`${path}:${text.slice(0, start).split('\n').length}`)
  }
  const visitor = new Visitor({ WhileStatement: visit, DoWhileStatement: visit })
  visitor.visit(parseSync(path, text).program)
  return found
}

test('every loop that waits has a bound', () => {
  const paths = globSync('{test,bench}/**/*.ts', { cwd: root })
  const found = paths.flatMap((path) => unboundedWaits(path, readFileSync(join(root, path), 'utf8')))
  assert.deepEqual(found, [], 'use waitUntil of test/support/wait-until.ts')
  for (const loop of [
    'while (!done) await delay(5)',
    'do { await delay(5) } while (!done)',
    'while (!done) await new Promise((resolve) => { wake = resolve })',
  ])
    assert.deepEqual(unboundedWaits('a.ts', `\n${loop}`), ['a.ts:2'], loop)
})

test('a condition that is never met fails with what was waited for', async () => {
  const wait = waitUntil(() => false, 'the moon', { limitMs: 30, pollMs: 5 })
  await assert.rejects(wait, { message: 'Waited 30 ms for the moon' })
  let count = 0
  await waitUntil(async () => ++count === 3, 'a count', { pollMs: 1 })
  assert.equal(count, 3)
})
