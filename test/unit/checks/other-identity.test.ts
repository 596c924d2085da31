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

// An identity beside the one of the settings: the score runs the remedy, here goes the other way out.

let scene: Fixture
before(async () => {
  scene = await createFixture('app')
})
after(() => scene.environment.close())

/** Moves the credential to another application. */
async function another(): Promise<string> {
  const { appId, id } = await scene.apis.graph('POST', '/applications', { displayName: 'shop-reader' })
  const { value } = await scene.apis.graph('GET', await credentialsPath(scene))
  for (const each of value) await scene.apis.graph('DELETE', `${await credentialsPath(scene)}/${each.id}`)
  await scene.apis.graph('POST', `/applications/${id}/federatedIdentityCredentials`, {
    name: 'by-hand',
    issuer: scene.outputs.issuer,
    subject: expectedSubject(scene),
    audiences: ['api://AzureADTokenExchange'],
  })
  return appId
}

const wayOf = (detail: string | undefined) =>
  `npx wi-setup --sandbox ${/set up again with (--identity.*)$/.exec(detail ?? '')![1]}`

test('a credential on another identity is named, and either identity can be the one', async () => {
  const appId = await another()
  const [found, ...more] = (await runVerify(scene)).found
  assert.deepEqual([found?.code, more], ['WI115', []])
  assert.match(
    found!.detail!,
    new RegExp(`credential is on the application shop-reader \\(client id ${appId}\\)`),
  )
  await runRemedy(wayOf(found!.detail!), scene)
  assert.deepEqual(codesOf((await runVerify(scene)).found), [])
})

test('a service account that names another identity is told which', async () => {
  const { appId } = await scene.apis.graph('POST', '/applications', { displayName: 'third' })
  await annotateAccount(scene, { 'azure.workload.identity/client-id': appId })
  const [found, ...more] = (await runVerify(scene)).found
  assert.deepEqual([found?.code, more], ['WI110', []])
  assert.match(found!.detail!, new RegExp(`names the application third \\(client id ${appId}\\)`))
  await runRemedy(wayOf(found!.detail!), scene)
  assert.deepEqual(codesOf((await runVerify(scene)).found), [])
})

test('nobody else is looked at while all is well', async () => {
  const asked = sandboxOf(scene).sandbox.journal.length
  assert.deepEqual((await runVerify(scene)).found, [])
  const paths = sandboxOf(scene)
    .sandbox.journal.slice(asked)
    .map(({ path }) => decodeURIComponent(path))
  assert.ok(paths.length > 0 && !paths.some((path) => /any\(|userAssignedIdentities/.test(path)))
})
