import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

const root = new URL('../../../src/explain/', import.meta.url).pathname
const literal = /'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g

/** Returns the string literals of at least 30 characters, except single words such as codes. */
const sentences = (source: string) =>
  [...source.matchAll(literal)]
    .map((match) => match[1] ?? match[2] ?? match[3] ?? '')
    .filter((text) => text.length >= 30 && text.includes(' '))

const repeated = (catalogue: string, tables: string) => {
  const documented = new Set(sentences(catalogue))
  return sentences(tables).filter((text) => documented.has(text))
}

const read = (pattern: string) =>
  globSync(pattern, { cwd: root })
    .map((path) => readFileSync(`${root}${path}`, 'utf8'))
    .join('\n')

test('no sentence occurs both in the catalogue and in the explanations', () => {
  assert.deepEqual(repeated(read('catalogue/*.ts'), read('*.ts')), [])
})

test('a repeated sentence is found', () => {
  const sentence = 'The federated credential has the wrong subject'
  assert.deepEqual(repeated(`what: '${sentence}',`, `why: ["${sentence}"],`), [sentence])
})
