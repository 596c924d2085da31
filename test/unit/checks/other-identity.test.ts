import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  annotateAccount,
  credentialsPath,
  expectedSubject,
  type Fixture,
  sandboxOf,
} from '../../score/fault.ts'
import { createFixture } from '../../score/fixture.ts'
import { runRemedy } from '../../score/remedy.ts'
import { codesOf, runVerify } from '../../score/run-verify.ts'

// The score runs the remedy of these findings; these tests use the alternative, which is to switch the identity.

let fixture: Fixture
before(async () => {
  fixture = await createFixture('app')
})
after(() => fixture.environment.close())

/** Moves the federated credential to a new application and returns its client ID. */
async function moveCredential(): Promise<string> {
  const { graph } = fixture.apis
  const { appId, id } = await graph('POST', '/applications', { displayName: 'shop-reader' })
  const { value } = await graph('GET', await credentialsPath(fixture))
  for (const each of value) await graph('DELETE', `${await credentialsPath(fixture)}/${each.id}`)
  await graph('POST', `/applications/${id}/federatedIdentityCredentials`, {
    name: 'by-hand',
    issuer: fixture.outputs.issuer,
    subject: expectedSubject(fixture),
    audiences: ['api://AzureADTokenExchange'],
  })
  return appId
}

const switchCommand = (detail: string | undefined) =>
  `npx wi-setup --sandbox ${/run the set-up again with (--identity.*)$/.exec(detail ?? '')![1]}`

test('WI115  names the identity that has the credential, and the set-up can switch to it', async () => {
  const appId = await moveCredential()
  const [found, ...others] = (await runVerify(fixture)).findings
  assert.deepEqual([found?.code, others], ['WI115', []])
  assert.match(
    found!.detail!,
    new RegExp(`credential is on the application shop-reader \\(client ID ${appId}\\)`),
  )
  await runRemedy(switchCommand(found!.detail!), fixture)
  assert.deepEqual(codesOf((await runVerify(fixture)).findings), [])
})

test('WI110  names the identity that the service account uses, and the set-up can switch to it', async () => {
  const { appId } = await fixture.apis.graph('POST', '/applications', { displayName: 'third' })
  await annotateAccount(fixture, { 'azure.workload.identity/client-id': appId })
  const [found, ...others] = (await runVerify(fixture)).findings
  assert.deepEqual([found?.code, others], ['WI110', []])
  assert.match(found!.detail!, new RegExp(`names the application third \\(client ID ${appId}\\)`))
  await runRemedy(switchCommand(found!.detail!), fixture)
  assert.deepEqual(codesOf((await runVerify(fixture)).findings), [])
})

test('does not search other identities while all checks pass', async () => {
  const { journal } = sandboxOf(fixture).sandbox
  const before = journal.length
  assert.deepEqual((await runVerify(fixture)).findings, [])
  const paths = journal.slice(before).map(({ path }) => decodeURIComponent(path))
  assert.ok(paths.length > 0 && !paths.some((path) => /any\(|userAssignedIdentities/.test(path)))
})
