import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeImage, webhookChart, webhookChartVersion } from '../../../src/settings/pinned.ts'
import { withDefaults } from '../../../src/settings/resolve.ts'
import { sensitiveValues } from '../../../src/settings/sensitive.ts'
import { type KnownSettings, type Settings, valuesOf } from '../../../src/settings/settings.ts'

const flag = <T>(value: T) => ({ value, source: 'flag' as const, from: '--flag' })
const versionOf = (known: KnownSettings) => valuesOf(withDefaults(known)).chartVersion

test('what is deployed by default is pinned', () => {
  assert.match(webhookChartVersion, /^\d+\.\d+\.\d+$/)
  assert.match(nodeImage, /^node:\d+-alpine@sha256:[0-9a-f]{64}$/)
  assert.equal(versionOf({}), webhookChartVersion)
  assert.equal(versionOf({ chart: flag(webhookChart) }), webhookChartVersion)
})

test('another version or chart takes its place', () => {
  assert.equal(versionOf({ chartVersion: flag('1.5.0') }), '1.5.0')
  assert.equal(versionOf({ chart: flag('./workload-identity-webhook') }), undefined)
})

test('a settings file with the pinned version needs no consent for it, unless the chart is another one', () => {
  const askedFor = (settings: Partial<Settings>) =>
    sensitiveValues({ settings, general: { cloud: 'public' }, lines: {} } as never).map(({ name }) => name)
  assert.deepEqual(askedFor({ chartVersion: webhookChartVersion }), [])
  assert.deepEqual(askedFor({ chart: webhookChart, chartVersion: webhookChartVersion }), [])
  assert.deepEqual(askedFor({ chart: 'https://example.org/x', chartVersion: webhookChartVersion }), [
    'chart',
    'chartVersion',
  ])
})
