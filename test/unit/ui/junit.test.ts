import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ActionRequiredError } from '../../../src/base/action-required.ts'
import { explain } from '../../../src/explain/index.ts'
import { junitReport } from '../../../src/ui/junit.ts'
import { broken, checkResult } from '../../support/examples.ts'

const now = new Date('2026-11-26T12:00:00.500Z')

interface Node {
  name: string
  attributes: Record<string, string>
  nodes: Node[]
  text: string
}

const plain = (text: string) => {
  assert.doesNotMatch(text.replace(/&(amp|lt|gt|quot|#10);/g, ''), /[&<>"]/, text)
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#10;', '\n')
    .replaceAll('&amp;', '&')
}

/** Parses XML strictly: throws if it is not well-formed. */
function readXml(xml: string): Node {
  assert.match(xml, /^<\?xml version="1\.0" encoding="UTF-8"\?>\n/)
  const root: Node = { name: '', attributes: {}, nodes: [], text: '' }
  const open = [root]
  const rest = xml
    .slice(xml.indexOf('\n') + 1)
    .replace(
      /<(\/?)([\w-]+)((?: [\w-]+="[^"<]*")*)(\/?)>([^<]*)/g,
      (_, end: string, name: string, attributes: string, empty: string, text: string) => {
        if (end) assert.equal(open.pop()?.name, name)
        else {
          const node: Node = { name, attributes: {}, nodes: [], text: '' }
          for (const [, key, value] of attributes.matchAll(/([\w-]+)="([^"]*)"/g)) {
            assert.equal(node.attributes[key!], undefined)
            node.attributes[key!] = plain(value!)
          }
          open.at(-1)!.nodes.push(node)
          if (!empty) open.push(node)
        }
        open.at(-1)!.text += plain(text)
        return ''
      },
    )
  assert.equal(rest, '', 'nothing is left over')
  assert.deepEqual(open, [root])
  assert.equal(root.nodes.length, 1)
  return root.nodes[0]!
}

const cases = (suites: Node) => suites.nodes.flatMap(({ nodes }) => nodes)

test('a report has a suite for each link, a case for each check, and correct counts', () => {
  const suites = readXml(junitReport({ checks: broken, now }))
  assert.deepEqual(suites.attributes, {
    name: 'wi-setup verify',
    tests: '11',
    failures: '1',
    skipped: '4',
    errors: '0',
    time: '0.001',
  })
  for (const suite of suites.nodes) {
    assert.equal(suite.name, 'testsuite')
    assert.equal(suite.attributes.timestamp, '2026-11-26T12:00:00')
    assert.equal(Number(suite.attributes.tests), suite.nodes.length)
    for (const [name, node] of [
      ['failures', 'failure'],
      ['skipped', 'skipped'],
    ] as const)
      assert.equal(
        Number(suite.attributes[name]),
        suite.nodes.filter(({ nodes }) => nodes[0]?.name === node).length,
      )
  }
  const failed = cases(suites).find(({ nodes }) => nodes[0]?.name === 'failure')!
  assert.equal(failed.attributes.classname, 'wi-setup.credential')
  const { attributes, text } = failed.nodes[0]!
  assert.equal(attributes.type, 'WI104')
  assert.match(attributes.message!, /^The federated credential's subject doesn't match/)
  assert.match(
    text,
    /\nis {6}system:serviceaccount:shop:check-out\nshould {2}system:serviceaccount:shop:checkout\nFix: {4}npx wi-setup federate /,
  )
  const skipped = cases(suites).find(({ nodes }) => nodes[0]?.name === 'skipped')!
  assert.equal(skipped.nodes[0]!.attributes.message, 'because of WI104')
})

test('a warning is a passed case with a system-out', () => {
  const suites = readXml(
    junitReport({
      checks: [checkResult('WI407', 'identity', 'warn', { detail: '18 of 20', remedy: 'do' })],
      now,
    }),
  )
  assert.equal(suites.attributes.failures, '0')
  assert.match(cases(suites)[0]!.nodes[0]!.text, /^warning: 18 of 20\nFix: {4}do/)
})

test('a check with several findings has a case for each', () => {
  const two = [1, 2].map((n) => checkResult('WI202', 'workload', 'fail', { detail: `${n}`, remedy: 'do' }))
  const names = cases(readXml(junitReport({ checks: two, now }))).map(({ attributes }) => attributes.name)
  assert.deepEqual(names, ['WI202 title of WI202 (1 of 2)', 'WI202 title of WI202 (2 of 2)'])
})

test('special characters in names are escaped', () => {
  const odd = '</failure><script>"&\u0007\u001b[31m\ud800 \uffff\nnext'
  const suites = readXml(
    junitReport({
      checks: [checkResult('WI110', 'identity', 'fail', { detail: odd, is: odd, should: odd, remedy: odd })],
      now,
    }),
  )
  const { attributes, text } = cases(suites)[0]!.nodes[0]!
  assert.match(attributes.message!, /^<\/failure><script>"&\ufffd \nnext$/)
  assert.match(text, /<script>/)
})

test('a run that failed is an error', () => {
  const suites = readXml(
    junitReport({ checks: [], error: explain(new ActionRequiredError('No <sign-in>', 'az login')), now }),
  )
  assert.deepEqual([suites.attributes.tests, suites.attributes.errors], ['1', '1'])
  assert.equal(cases(suites)[0]!.nodes[0]!.name, 'error')
  assert.match(cases(suites)[0]!.nodes[0]!.text, /^No <sign-in>\nFix: {4}az login$/)
})

test('no text makes a report that XML 1.0 forbids', () => {
  const allowed = /^[\n\r\t\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (detail, value) => {
      const of = { detail, is: value, should: detail, remedy: value, trace: detail, title: value }
      const checks = (['fail', 'warn', 'skip'] as const).map((status) =>
        checkResult('WI110', 'identity', status, of),
      )
      const error = explain(new ActionRequiredError(detail, value))
      const xml = junitReport({ checks, error, now })
      assert.match(xml, allowed)
      assert.doesNotMatch(xml, /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
      readXml(xml)
    }),
    { numRuns: 500 },
  )
})
