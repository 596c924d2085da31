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

test('docs/checks.md is up to date (run npm run reference)', () => {
  assert.equal(page, checksPage())
})

test('a check without a catalogue entry fails the page', () => {
  const undocumented = { ...lists.chainChecks[0]!, code: 'WI817' } as const
  assert.throws(
    () => checksPage({ ...lists, chainChecks: [...lists.chainChecks, undocumented] }),
    /WI817 has no catalogue entry/,
  )
})

test('every code has a section at the link that the program prints', () => {
  const places = [...page.matchAll(/^### (WI\d{3})$/gm)].map(([, code]) => code!)
  assert.equal(new Set(places).size, places.length, 'duplicate code')
  for (const { code } of [...checks, ...catalogue]) {
    assert.ok(places.includes(code), `${code} is not documented: add it to src/explain/catalogue/`)
    assert.equal(docsLink(code), `docs/checks.md#${code.toLowerCase()}`)
  }
})

test('no code has two titles', () => {
  const titles = new Map<string, string>()
  // The prerequisite checks reuse codes with other titles.
  const { preflightChecks, ...others } = lists as Record<string, readonly AnyCheck[]>
  for (const { code, title } of Object.values(others).flat()) {
    assert.ok([undefined, title].includes(titles.get(code)), `${code}: ${titles.get(code)}; ${title}`)
    titles.set(code, title)
  }
  for (const { code } of preflightChecks!) if (code.startsWith('WI8')) assert.ok(!titles.has(code), code)
})

test('every code without a check has a reason and a manual check', () => {
  const checked = new Set<string>(checks.map(({ code }) => code))
  for (const { code } of catalogue) {
    if (checked.has(code)) continue
    const reason = undetectable.codes.find((each) => each.code === code)
    assert.ok(
      reason?.why && reason.instead,
      `${code} has no check, and src/checks/undetectable.ts does not say why`,
    )
  }
})
