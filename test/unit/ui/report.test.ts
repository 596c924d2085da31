import assert from 'node:assert/strict'
import { test } from 'node:test'
import { healthOf } from '../../../src/engine/check-result.ts'
import { collectEvidence, type Evidence } from '../../../src/ui/report/evidence.ts'
import { htmlReport } from '../../../src/ui/report/html.ts'
import { markdownReport } from '../../../src/ui/report/markdown.ts'
import { broken, checkResult, settings } from '../../support/examples.ts'
import { explained } from '../../support/remedies.ts'

const at = new Date('2026-11-26T12:00:00.000Z')
const jwt = `${Buffer.from('{"alg":"RS256","kid":"abc"}').toString('base64url')}.${Buffer.from('{"iss":"x"}').toString('base64url')}.c2lnbmF0dXJl`

/** Removes the spans inside commands. */
const words = (html: string) => html.replace(/<\/?span>/g, '')

const newCollector = () =>
  collectEvidence(
    [
      ['wi-setup', '0.1.0'],
      ['Node.js', '24.1.0'],
    ],
    () => 'AzureCloud',
  )

/** The evidence of a run. */
function evidence(checks = broken): Evidence {
  const collector = newCollector()
  const pass = (code: (typeof broken)[number]['code'], out: unknown) =>
    collector.onEvent({
      type: 'checked',
      result: checkResult(code, 'cluster', 'pass'),
      out: () => out,
    })
  pass('WI701', { version: '1.34.2' })
  pass('WI301', { version: '1.6.0', installer: 'AKS add-on', namespace: 'kube-system', readyPods: 2 })
  pass('WI112', {
    token: jwt,
    kid: 'key-1',
    issuer: 'https://issuer.example/',
    subject: 'system:serviceaccount:shop:checkout',
    audiences: ['api://AzureADTokenExchange'],
  })
  pass('WI102', [
    {
      name: 'wi-shop',
      issuer: 'https://issuer.example/',
      subject: 'system:serviceaccount:shop:check-out',
      audience: 'api://AzureADTokenExchange',
    },
  ])
  collector.onRequest({
    method: 'GET',
    url: 'https://management.azure.com/subscriptions/5',
    status: 200,
    ms: 12,
    requestId: 'r-1',
    failure: undefined,
  })
  return collector.finish({ health: healthOf(checks), settings, checks, at })
}

test('the evidence has versions, IDs, compared values and request IDs, and no token', () => {
  const report = evidence()
  assert.deepEqual(report.versions, [
    ['wi-setup', '0.1.0'],
    ['Node.js', '24.1.0'],
    ['Kubernetes', '1.34.2'],
    ['webhook', '1.6.0 (AKS add-on)'],
  ])
  assert.ok(report.names.some(([label, value]) => label === 'service account' && value === 'checkout'))
  assert.deepEqual(report.presented[1], ['subject', 'system:serviceaccount:shop:checkout'])
  assert.equal(report.trusted[0]!.subject, 'system:serviceaccount:shop:check-out')
  assert.equal(report.requests[0]!.requestId, 'r-1')
  assert.equal(report.summary, "The federated credential's subject doesn't match the service account")
  for (const text of [JSON.stringify(report), markdownReport(report), words(htmlReport(report))]) {
    assert.ok(!text.includes(jwt) && !text.includes(jwt.split('.')[1]!))
    for (const wanted of [
      '1.34.2',
      'AKS add-on',
      'check-out',
      'WI104',
      'r-1',
      '66666666-7777',
      'npx wi-setup federate',
    ])
      assert.ok(text.includes(wanted), wanted)
  }
})

test('tokens and secrets in service messages are redacted everywhere', () => {
  const odd = `got ${jwt} client_secret=hunter2hunter2`
  const report = evidence([
    checkResult('WI101', 'credential', 'fail', {
      detail: odd,
      is: odd,
      should: odd,
      remedy: odd,
      trace: odd,
    }),
  ])
  for (const text of [JSON.stringify(report), markdownReport(report), htmlReport(report)])
    assert.doesNotMatch(text, /eyJ|hunter2/)
})

test('special characters in names are escaped', () => {
  const odd = '<script>alert(1)</script>"><img src=x onerror=y>\u001b[31m`code`` | [a](http://b) &amp;'
  const report = evidence([
    checkResult('WI110', 'identity', 'fail', {
      title: odd,
      detail: odd,
      is: odd,
      should: `${odd}!`,
      remedy: odd,
    }),
  ])
  report.names.push([odd, odd])
  report.trusted.push({ name: odd, issuer: odd, subject: odd, audience: odd })
  const html = htmlReport(report)
  assert.ok(!html.includes('\u001b'))
  assert.doesNotMatch(html, /<script|<img|onerror=y>/i)
  assert.match(html, /&lt;script&gt;alert\(1\)/)
  // Every tag is one that the page uses.
  const tags = new Set([...html.matchAll(/<\/?([a-z][\w-]*)/gi)].map(([, tag]) => tag))
  for (const tag of tags)
    assert.match(
      tag!,
      /^(html|head|meta|title|style|body|main|header|p|h[123]|svg|g|rect|circle|path|text|section|article|dl|dt|dd|mark|pre|span|code|div|table|thead|tbody|tr|th|td|details|summary)$/,
    )
  const markdown = markdownReport(report)
  assert.ok(!markdown.includes('\u001b'))
  const outside = markdown.replace(/\\./g, '').replace(/(`+)[^\n]*?[^`]\1(?!`)/g, '')
  assert.doesNotMatch(outside, /(?<!\\)<script|(?<!\\)\[a\]/)
  for (const row of markdown.split('\n').filter((each) => each.startsWith('| ') && each.includes('alert')))
    assert.match(row.replaceAll('\\|', ''), /^(\| [^|]* )+\|$/)
})

test('the page is self-contained, and its chain shows the broken link', () => {
  const html = htmlReport(evidence())
  assert.match(html, /^<!doctype html>\n<html lang="en">/)
  assert.doesNotMatch(html, /\b(src|href)=|url\(|@import|<script|<link/)
  assert.match(html, /Content-Security-Policy" content="default-src 'none'/)
  assert.match(html, /prefers-color-scheme:dark/)
  assert.match(html, /name="viewport"/)
  const [across, down] = html.match(/<svg[\s\S]*?<\/svg>/g)!
  for (const svg of [across!, down!]) {
    assert.deepEqual(
      [...svg.matchAll(/<g class="(\w+)" transform="[^"]*"><title>([^<:]+)/g)].flatMap(([, state, link]) =>
        state === 'fail' ? [link] : [],
      ),
      ['credential'],
    )
    assert.match(svg, /<path class="line fail"/)
  }
  assert.match(html, /check<mark>-<\/mark>out[\s\S]*check<mark>o<\/mark>ut/, 'the first sign that differs')
  const well = htmlReport(evidence([checkResult('WI508', 'vault', 'pass')]))
  assert.match(well, /Healthy[\s\S]*checkout reads db-password from kv-shop-7f3a with its own token\./)
  assert.doesNotMatch(well, /<g class="fail"|class="finding/)
})

test('the report of verify --pre has no chain', () => {
  const html = htmlReport(evidence([checkResult('WI801', 'caller', 'pass')]))
  assert.doesNotMatch(html, /<svg/)
  assert.match(htmlReport(evidence()), /<svg/)
})

test('a report of a failed run has the error and its fix', () => {
  const report = newCollector().finish({
    health: 'unhealthy',
    error: new Error('AADSTS7000222: expired'),
    at,
  })
  const { what, remedy } = explained(new Error('AADSTS7000222: expired'))
  assert.equal(report.summary, what)
  assert.deepEqual(report.checks, [])
  for (const text of [markdownReport(report), words(htmlReport(report))])
    assert.ok(text.includes(remedy.slice(0, 30)))
})
