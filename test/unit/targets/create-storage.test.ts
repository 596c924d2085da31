import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Apis, sandboxApis } from '../../score/apis.ts'
import { type InProcessEnvironment, newInProcessEnvironment } from '../../support/in-process.ts'

let environment: InProcessEnvironment
let apis: Apis
before(async () => {
  environment = await newInProcessEnvironment()
  apis = sandboxApis(environment)
})
after(() => environment.close())

const writes = () => environment.sandbox.journal.filter(({ write }) => write).length

const runIn =
  (folder: string) =>
  (...args: string[]) =>
    environment.run([...args, '--sandbox', '--pace', '0', '--yes', '--output', 'json'], {
      cwd: join(environment.root, folder),
    })

const storage = (name: string, container: string) => `--grant=storage:${name}/${container}=reader`
const actionsOf = ({ json }: Awaited<ReturnType<InProcessEnvironment['run']>>, part: RegExp) =>
  json.steps.filter(({ id }) => part.test(id)).map(({ id, action }) => `${action} ${id}`)

const ofStorage = /^(storage-account|container|grant) /
const names = ['storage-account stnew', 'container stnew/invoices', 'grant storage:stnew/invoices=reader']

test('an account and a container that do not exist are created, proven, and deleted by their names', async () => {
  const run = runIn('new')
  const args = [storage('stnew', 'invoices'), '--create-storage']
  const first = await run(...args)
  assert.equal(first.code, 0, first.stdout + first.stderr)
  assert.deepEqual(
    actionsOf(first, ofStorage),
    names.map((id) => `create ${id}`),
  )
  const { body } = Object.values(environment.sandbox.state.arm.resources).find(
    ({ body }) => body.name === 'stnew',
  )!
  assert.equal(body.properties.allowSharedKeyAccess, false)
  assert.equal((await run('verify')).code, 0)
  const before = writes()
  const again = await run(...args)
  assert.deepEqual([again.code, writes()], [0, before])

  const unconfirmed = await run('destroy')
  assert.equal(unconfirmed.code, 2, unconfirmed.stdout)
  const confirmed = await run('destroy', '--confirm', 'aks-demo', '--confirm', 'stnew')
  assert.equal(confirmed.code, 0, confirmed.stdout + confirmed.stderr)
  assert.ok(!JSON.stringify(Object.keys(environment.sandbox.state.arm.resources)).includes('stnew'))
  assert.deepEqual(Object.keys(environment.sandbox.state.arm.groups), [])
})

test("others' containers keep the account; an account of others keeps everything but our container", async () => {
  const run = runIn('shared')
  const args = [storage('stours', 'invoices'), storage('sttheirs', 'exports'), '--create-storage']
  await apis.arm('POST', '/providers/Microsoft.Storage/register')
  await apis.arm('PUT', '/resourceGroups/rg-others', { location: 'westeurope' })
  const theirs = '/resourceGroups/rg-others/providers/Microsoft.Storage/storageAccounts/sttheirs'
  await apis.arm('PUT', theirs, {
    location: 'westeurope',
    kind: 'StorageV2',
    sku: { name: 'Standard_LRS' },
  })
  const first = await run(...args)
  assert.equal(first.code, 0, first.stdout + first.stderr)
  const ours = '/resourceGroups/rg-demo/providers/Microsoft.Storage/storageAccounts/stours'
  await apis.arm('PUT', `${ours}/blobServices/default/containers/theirs`, {})
  const plan = await run('destroy', '--dry-run')
  assert.deepEqual(actionsOf(plan, /^(storage-account|container) /).toSorted(), [
    'keep storage-account stours',
    'keep storage-account sttheirs',
    'remove container stours/invoices',
    'remove container sttheirs/exports',
  ])
})

test('what another workload uses or has created is retained', async () => {
  const [first, second] = [runIn('first'), runIn('second')]
  const args = [storage('stone', 'invoices'), storage('sttwo', 'exports'), '--create-storage']
  assert.equal((await first(...args)).code, 0)
  const other = ['--service-account', 'billing', '--identity', 'wi-billing', '--create-storage']
  const set = await second(storage('stone', 'invoices'), storage('stone', 'exports'), ...other)
  assert.equal(set.code, 0, set.stdout)
  const plan = await first('destroy', '--dry-run')
  assert.deepEqual(actionsOf(plan, /^(storage-account|container) /).toSorted(), [
    'keep container stone/invoices',
    'keep storage-account stone',
    'remove container sttwo/exports',
    'remove storage-account sttwo',
  ])
})

test('without the switch nothing is created, and a name of another tenant is refused before the first write', async () => {
  const run = runIn('refused')
  const before = writes()
  const missing = await run(storage('stmissing', 'invoices'))
  assert.equal(missing.code, 1)
  assert.match(missing.json.error!.message, /There is no storage account stmissing/)
  assert.match(missing.json.error!.remedy, /--create-storage/)
  const taken = await run(storage('takenname', 'invoices'), '--create-storage')
  assert.match(taken.json.error!.message, /takenname is in use outside your subscriptions/)
  assert.equal(writes(), before)
})
