import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { statementsOf } from '../../../src/commands/run/outputs.ts'
import { parseGrants } from '../../../src/targets/parse-grant.ts'
import type { Workload } from '../../../src/targets/target.ts'
import { type Databases, openDatabases, runPrinted } from '../../support/database-session.ts'
import { newTestRun } from '../../support/test-run.ts'

// Logins through the real protocols: TDS 8.0 and that of PostgreSQL, over TLS.

let at: Databases
let run: Awaited<ReturnType<typeof newTestRun>>
let workload: Workload
const grants = ['sql:sql-shop/shop=contributor', 'postgres:pg-shop/shop=reader']

before(async () => {
  at = await openDatabases()
  run = await newTestRun({ grants, sample: false, vault: undefined } as never, { sandbox: at.sandbox })
  const { applied } = await run.apply()
  const out = (id: string) =>
    (applied.find(({ item }) => item.id === id)!.inspection as { out?: Record<string, string> }).out!
  workload = {
    name: run.settings.identity,
    clientId: out('identity').clientId,
    principalId: out('service-principal').principalId,
  }
})
after(() => at.sandbox.close())

const statementsFor = (text: string, who: Workload): string =>
  parseGrants([text])
    .flatMap((grant) => grant.target.statements!(grant, who))
    .map(({ where, lines }) => [`-- ${where}:`, ...lines].join('\n'))
    .join('\n')

/** Runs what wi-setup prints for a workload. */
function runAll(who = workload): void {
  for (const each of grants) runPrinted(at.simulator, statementsFor(each, who))
}

/** Returns the code and target of each failure and warning. */
async function findings() {
  const results = await run.verify()
  return results
    .filter(({ code, status }) => code.startsWith('WI9') && (status === 'fail' || status === 'warn'))
    .map(({ code, status, subject }) => `${status} ${code} ${subject!.split(':')[0]}`)
}
const heal = async (of: 'sql' | 'postgres', properties: object) => {
  await at.call('PATCH', at.ids[of], { properties })
  assert.deepEqual(await findings(), [])
}

test('without a user, the fix is the statements that create it', async () => {
  assert.deepEqual(await findings(), ['fail WI903 sql', 'fail WI903 postgres'])
  const results = await run.verify()
  for (const { code, remedy } of results.filter(({ status }) => status === 'fail'))
    assert.match(
      run.run.print(remedy!),
      /^In the database, run the statements that `?npx wi-setup grant/,
      code,
    )
  const printed = statementsOf([], { grants, identity: workload.name })
  assert.deepEqual(
    printed.map(({ where }) => where),
    [
      'In the database shop of sql-shop, as its Microsoft Entra administrator',
      'In the database postgres of pg-shop, as its Microsoft Entra administrator',
      'Then in the database shop, as the owner of its tables',
    ],
  )
  // Before the identity exists, its IDs are left open.
  assert.match(printed[0]!.lines[0]!, /^CREATE USER \[.+\] WITH SID = 0x…, TYPE = E;$/)
})

test('after the printed statements, the workload signs in, and what is not seen is said', async () => {
  runAll()
  assert.deepEqual(await findings(), [])
  const results = await run.verify()
  for (const { status, detail } of results.filter(({ code }) => code === 'WI908')) {
    assert.equal(status, 'pass')
    assert.match(detail, /^signs in to shop \(its roles and permissions there can't be seen/)
  }
  const skipped = results.filter(({ code }) => code === 'WI904')
  assert.deepEqual(new Set(skipped.map(({ status }) => status)), new Set(['skip']))
  assert.match(skipped[0]!.detail, /^not proven: /)
  assert.equal((await run.apply()).writes, 0)
  assert.match(Object.values(at.postgresRoles())[0]!.grants.join(), /GRANT SELECT ON ALL TABLES/)
})

test('a user of another identity is none: by object ID instead of client ID, or of a deleted identity', async () => {
  at.forgetUsers()
  runAll({ ...workload, clientId: workload.principalId, principalId: workload.clientId })
  assert.deepEqual(await findings(), ['fail WI903 sql', 'fail WI903 postgres'])
  at.forgetUsers()
  runAll()
  assert.deepEqual(await findings(), [])
})

test('a firewall, private access, disabled Entra sign-in and absent databases are told apart', async () => {
  await at.call('DELETE', `${at.ids.sql}/firewallRules/all`)
  assert.deepEqual(await findings(), ['fail WI905 sql'])
  await at.put(`${at.ids.sql}/firewallRules/all`, at.everyone)

  await at.call('PATCH', at.ids.sql, { properties: { publicNetworkAccess: 'Disabled' } })
  assert.deepEqual(await findings(), ['fail WI906 sql'])
  await heal('sql', { publicNetworkAccess: 'Enabled' })

  for (const id of [at.ids.sql, at.ids.postgres]) {
    await at.call('DELETE', `${id}/databases/shop`)
    assert.deepEqual(await findings(), [`fail WI907 ${id === at.ids.sql ? 'sql' : 'postgres'}`])
    await at.put(`${id}/databases/shop`)
    at.forgetUsers()
    runAll()
  }
})

test('a PostgreSQL server that drops packets is a warning, and a private one a failure', async () => {
  await at.call('DELETE', `${at.ids.postgres}/firewallRules/all`)
  assert.deepEqual(await findings(), ['warn WI905 postgres'])
  await at.call('PATCH', at.ids.postgres, { properties: { network: { publicNetworkAccess: 'Disabled' } } })
  assert.deepEqual(await findings(), ['fail WI906 postgres'])
  await at.put(`${at.ids.postgres}/firewallRules/all`, at.everyone)
  await heal('postgres', { network: { publicNetworkAccess: 'Enabled' } })
})

test('a server without Entra sign-in is found before anything is asked of it', async () => {
  const { administrators } = (await at.call('GET', at.ids.sql)).body.properties
  const properties = at.state.arm.resources[at.ids.sql.toLowerCase()]!.body.properties
  delete properties.administrators
  assert.deepEqual(await findings(), ['fail WI902 sql'])
  await assert.rejects(run.plan(), /accepts no Microsoft Entra tokens: SQL logins only/)
  properties.administrators = administrators
  const { authConfig } = at.state.arm.resources[at.ids.postgres.toLowerCase()]!.body.properties as {
    authConfig: Record<string, string>
  }
  authConfig.activeDirectoryAuth = 'Disabled'
  assert.deepEqual(await findings(), ['fail WI902 postgres'])
  await assert.rejects(run.plan(), /accepts no Microsoft Entra tokens: PostgreSQL passwords only/)
  authConfig.activeDirectoryAuth = 'Enabled'
  assert.deepEqual(await findings(), [])
})

for (const [grant, expected] of [
  ['sql:sql-shop/shopp', /There is no database shopp of sql-shop/],
  ['postgres:pg-shop/shopp', /There is no database shopp of pg-shop/],
  ['sql:sql-shap/shop', /There is no SQL server sql-shap in any subscription/],
] as const)
  test(`${grant} ends the plan with the names that are meant`, async () => {
    const wrong = await newTestRun({ grants: [grant], sample: false } as never, { sandbox: at.sandbox })
    await assert.rejects(wrong.plan(), (error: Error & { remedy?: string }) => {
      assert.match(error.message, expected)
      assert.match(String(error.remedy), /similar: (?:shop|sql-shop)$/)
      return true
    })
  })
