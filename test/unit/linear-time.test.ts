import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseSync, Visitor } from 'oxc-parser'
import { wrappedPattern } from '../../src/base/bounded-pattern.ts'
import { stripControlCharacters } from '../../src/base/control-characters.ts'
import { limitText } from '../../src/base/limit-text.ts'
import { redactText } from '../../src/base/redact.ts'
import { explanations } from '../../src/explain/find-explanation.ts'
import { explainText } from '../../src/explain/log-reader.ts'
import { sanitizeLine, wrap } from '../../src/ui/text.ts'
import { hostileTexts } from '../support/hostile-texts.ts'

const root = join(import.meta.dirname, '../../src')

/** Every pattern written in a file. */
function patternsIn(path: string): RegExp[] {
  const patterns: RegExp[] = []
  const visitor = new Visitor({
    Literal(node) {
      if ('regex' in node) patterns.push(new RegExp(node.regex.pattern, node.regex.flags))
    },
  })
  visitor.visit(parseSync(path, readFileSync(join(root, path), 'utf8')).program)
  return patterns
}

/** Files whose patterns are used only as `boundedPattern` returns them, or only on patterns. */
const bounded = /^explain\/(?!log-|index\.|explanation\.)|^base\/bounded-pattern\./

const patterns: RegExp[] = [
  ...explanations.flatMap(({ message, context, values = [] }) => [
    ...(message ? [message, wrappedPattern(message)] : []),
    ...(context ? [context] : []),
    ...values,
  ]),
  ...globSync('**/*.{ts,mjs}', { cwd: root })
    .filter((path) => !bounded.test(path))
    .flatMap(patternsIn),
]

const factor = 4
/** Processor time, because other processes take turns with this one. */
function timeOf(run: () => void): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

/** Returns whether a text of four times the size takes far more than four times as long. */
function isSuperlinear(
  run: (text: string) => unknown,
  text: (size: number) => string,
  size: number,
): boolean {
  const [small, large] = [text(size), text(size * factor)]
  if (timeOf(() => run(large)) < 5000) return false
  const fastest = (input: string) => Math.min(...[1, 2, 3].map(() => timeOf(() => run(input))))
  // A machine that is busy for a moment does not make all attempts slow.
  return [1, 2, 3].every(() => fastest(large) > 2.5 * factor * Math.max(1000, fastest(small)))
}

const searchAll = (pattern: RegExp) => {
  const global = new RegExp(pattern.source, `${pattern.flags.replace('g', '')}g`)
  return (text: string) => {
    for (const _ of text.matchAll(global));
  }
}

test('every pattern searches a text of others in linear time', (t) => {
  let count = 0
  const slow = patterns.filter((pattern) =>
    hostileTexts(pattern).some((text) => {
      count++
      return isSuperlinear(searchAll(pattern), text, 2048)
    }),
  )
  t.diagnostic(`${patterns.length} patterns, ${count} texts`)
  assert.deepEqual(slow, [])
  assert.ok(
    // The first attempts include the compilation of the pattern.
    [1, 2, 3, 4, 5].some(() => isSuperlinear(searchAll(/\w+ not found/), (size) => 'a'.repeat(size), 4096)),
    'a bad pattern is found',
  )
})

const texts = [
  'a',
  'a.',
  '/',
  ' ',
  '\n',
  '"',
  '[',
  'WI101 ',
  'AADSTS700213: ',
  'Get login.',
  'password=',
  'eyJ',
  '-p ',
  '\u202e',
  'AADSTS1\n',
]

for (const run of [
  explainText,
  redactText,
  limitText,
  stripControlCharacters,
  sanitizeLine,
  (text: string) => wrap(text, 80),
])
  test(`${run.name || 'wrap'} takes linear time`, () => {
    run('warm up')
    for (const text of texts)
      assert.ok(!isSuperlinear(run, (size) => text.repeat(size / text.length), 2000), JSON.stringify(text))
  })
