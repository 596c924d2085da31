import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Fixture, FixtureKind } from '../score/fault.ts'
import { allFaults } from '../score/faults/index.ts'
import { fixtureIn } from '../score/fixture.ts'
import { furtherPairs } from '../score/pairs.ts'
import { type Row, score, scorePair, scoreTable } from '../score/score.ts'
import { e2eEnvironment } from './environment.ts'
import { sandboxApis, sharedFlags } from './score-apis.ts'

// The faults of Kubernetes that `npm run test:score` seeds, on the real cluster: each is reported, and its fix heals it.

const environment = e2eEnvironment()
const wanted = (process.env.WI_E2E_CODES ?? '').split(' ').filter(Boolean)
const faults = allFaults.filter(
  ({ api, code }) => api === 'Kubernetes' && (wanted.length === 0 || wanted.includes(code)),
)
type Kind = Parameters<typeof fixtureIn>[3]

const fixtures = new Map<FixtureKind, Fixture>()
async function fixtureFor(on: Kind): Promise<Fixture> {
  const clock = { ahead: 0, stopped: false }
  const scene =
    fixtures.get(on) ??
    (await fixtureIn(environment, await sandboxApis(environment), clock, on, sharedFlags(environment)))
  fixtures.set(on, scene)
  return scene
}

const configuration = 'azure-wi-webhook-mutating-webhook-configuration'
const system = ['--namespace', 'azure-workload-identity-system']

/** Resets the webhook, which all fixtures share, where a fix has left a harmless change. */
function restoreWebhook(): void {
  const selector = [{ op: 'replace', path: '/webhooks/0/namespaceSelector', value: {} }]
  const data = { AZURE_TENANT_ID: environment.env.AZURE_TENANT_ID }
  environment.kubectl([
    'patch',
    `mutatingwebhookconfiguration/${configuration}`,
    '--type=json',
    '--patch',
    JSON.stringify(selector),
  ])
  environment.kubectl([
    'patch',
    'configmap/azure-wi-webhook-config',
    ...system,
    '--patch',
    JSON.stringify({ data }),
  ])
  environment.kubectl(['rollout', 'restart', 'deployment', ...system])
  environment.kubectl(['rollout', 'status', 'deployment', ...system, '--timeout=60s'])
}

/** Deletes what was seeded beside a fixture, or the fixture itself if it may be incomplete. */
function cleanUp(on: FixtureKind, intact: boolean): void {
  const { namespace } = fixtures.get(on)!.settings
  if (intact) {
    const app = 'deployments,statefulsets'
    const found = environment.kubectl(['get', app, '--namespace', namespace!, '--output', 'name']).split('\n')
    const seeded = found.filter((name) => /\/(written|plain)/.test(name))
    if (seeded.length) environment.kubectl(['delete', ...seeded, '--namespace', namespace!, '--wait=false'])
  } else {
    environment.kubectl(['delete', 'namespace', namespace!, '--wait=false'])
    fixtures.delete(on)
  }
}
after(() => {
  for (const on of fixtures.keys()) cleanUp(on, false)
})

const rows: Row[] = []
for (const fault of faults)
  test(`${fault.code}: ${fault.description}`, { skip: fault.aksOnly ?? false }, async () => {
    const on = (fault.fixture ?? 'app') as Kind
    const row = await score(fault, await fixtureFor(on))
    rows.push(row)
    cleanUp(on, row.healed && !fault.discardFixture)
    if (['WI206', 'WI305'].includes(fault.code)) restoreWebhook()
    assert.deepEqual([row.detected, row.exact, row.healed], [true, true, true], row.why)
  })

for (const pair of furtherPairs(faults.filter(({ aksOnly }) => aksOnly === undefined)))
  test(`${pair.faults.map(({ code }) => code).join(' and ')} at once`, async () => {
    // The API server reads a changed webhook configuration only after a moment.
    const row = await scorePair(pair, await fixtureFor('app'), 3000)
    rows.push(row)
    cleanUp('app', row.healed)
    if (pair.faults.some(({ code }) => ['WI206', 'WI305'].includes(code))) restoreWebhook()
    assert.deepEqual([row.detected, row.exact, row.healed], [true, true, true], row.why)
  })

test('code × detected × exact × healed', (t) => {
  for (const line of scoreTable(rows).split('\n')) t.diagnostic(line)
})
