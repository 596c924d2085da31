import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { jsonText } from '../../../src/base/json-text.ts'

const raw = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

const anyText = fc.string({ unit: 'binary' })
const hostileText = fc
  .array(
    fc.constantFrom(
      '\u0000',
      '\u001b]0;x\u0007',
      '\u007f',
      '\u0085',
      '\u009b2J',
      '\u061c',
      '\u200b',
      '\u2028',
      '\u2029',
      '\u202e',
      '\u2066',
      '\ufeff',
      '\u{e0041}',
      '\ud800',
      '"\\',
      'text',
    ),
  )
  .map((parts) => parts.join(''))

test('JSON text contains no raw control, bidirectional or invisible character, and parses to the same value', () => {
  const value = fc.jsonValue({ stringUnit: 'binary' })
  fc.assert(
    fc.property(
      fc.oneof(anyText, hostileText),
      value,
      fc.constantFrom(undefined, 2),
      (text, data, indent) => {
        const document = { [text]: text, list: [text, data] }
        const json = jsonText(document, indent)
        assert.doesNotMatch(json, raw)
        assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify(document)))
      },
    ),
    { numRuns: 3000 },
  )
})

test('every JSON document that the program prints or writes is written by jsonText', () => {
  const root = fileURLToPath(new URL('../../../src/', import.meta.url))
  const files = globSync('{cli.ts,commands/**/*.ts,session/**/*.ts,ui/**/*.ts}', { cwd: root })
  assert.ok(files.length > 50)
  const documents = files.flatMap((file) => {
    const text = readFileSync(`${root}${file}`, 'utf8')
    // A document ends with a line break; a quoted value in a message does not.
    return [...text.matchAll(/`\$\{JSON\.stringify\([\s\S]*?\)\}\\n`|write\(JSON\.stringify/g)].map(
      ([found]) => `${file}: ${found}`,
    )
  })
  assert.deepEqual(documents, [])
})
