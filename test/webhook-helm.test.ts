import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { actions, setUp } from './set-up.ts'

const helm = (() => {
  try {
    return execFileSync('helm', ['version', '--short'], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
})()
const chart = fileURLToPath(new URL('chart', import.meta.url))
const skip = helm === undefined && 'helm is not installed (go install helm.sh/helm/v3/cmd/helm@v3.22.0)'

test('the chart is installed by the real helm, found again, and never doubled', { skip }, async () => {
  const job = await setUp(
    { webhook: 'helm', chart },
    { env: { PATH: process.env.PATH, HOME: '/nonexistent' } },
  )
  const { applied } = await job.apply()
  assert.match(
    applied.find(({ item }) => item.id === 'webhook')?.found.note ?? '',
    /^Helm release azure-workload-identity-system\/workload-identity-webhook$/,
  )
  assert.equal((await job.clients.aksClusters.get('rg-shop', 'aks-shop'))?.workloadIdentity, false)
  assert.deepEqual(await job.faults(), [])
  const again = await job.apply()
  assert.equal(again.writes, 0)
  assert.equal(actions(again.plan).webhook, 'keep')
  // With the add-on asked for by default, the chart that is there is used: nothing is switched on beside it.
  const auto = await setUp({ webhook: 'auto' }, { on: job })
  assert.deepEqual([...new Set(Object.values(actions(await auto.plan())))], ['keep'])
})

test('without helm it is said what to install, and how else to go on', async () => {
  const job = await setUp({ webhook: 'helm', chart }, { env: { PATH: '/nonexistent' } })
  await assert.rejects(job.apply(), { code: 'HelmNotFound' })
})
