import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { checksPage } from '../../../docs/checks.ts'
import * as lists from '../../../src/checks/index.ts'
import { undetectable } from '../../../src/checks/undetectable.ts'
import { type AnyCheck, docsLink } from '../../../src/engine/check.ts'
import { catalogue } from '../../../src/explain/catalogue/index.ts'

const page = readFileSync(new URL('../../../docs/checks.md', import.meta.url), 'utf8')
const checks = Object.values(lists as Record<string, readonly AnyCheck[]>).flat()

test('docs/checks.md is that of the program (npm run reference)', () => {
  assert.equal(page, checksPage())
})

test('every code has its place there, where the program says', () => {
  const places = [...page.matchAll(/^### (WI\d{3})$/gm)].map(([, code]) => code!)
  assert.equal(new Set(places).size, places.length, 'no code twice')
  for (const { code } of [...checks, ...catalogue]) {
    assert.ok(places.includes(code), `${code} is not explained: add it to src/explain/catalogue/`)
    assert.equal(docsLink(code), `docs/checks.md#${code.toLowerCase()}`)
  }
})

test('no code means two things', () => {
  const titles = new Map<string, string>()
  // Before a set-up the same is asked for another reason.
  const { caller, ...others } = lists as Record<string, readonly AnyCheck[]>
  for (const { code, title } of Object.values(others).flat()) {
    assert.ok([undefined, title].includes(titles.get(code)), `${code}: ${titles.get(code)}; ${title}`)
    titles.set(code, title)
  }
  for (const { code } of caller!) if (code.startsWith('WI8')) assert.ok(!titles.has(code), code)
})

test('what no check sees says why, and what a person can look at', () => {
  const seen = new Set<string>(checks.map(({ code }) => code))
  for (const { code } of catalogue) {
    if (seen.has(code)) continue
    const unseen = undetectable.codes.find((each) => each.code === code)
    assert.ok(
      unseen?.why && unseen.look,
      `${code} is seen by no check; src/checks/undetectable.ts does not say why`,
    )
  }
})
