import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { annotate, credentialsOf, placeOf, type Scene, subjectOf } from '../../score/fault.ts'
import { codesOf, look } from '../../score/look.ts'
import { runRemedy } from '../../score/remedy.ts'
import { makeScene } from '../../score/scene.ts'

// An identity beside the one of the settings: the score runs the remedy, here goes the other way out.

let scene: Scene
before(async () => {
  scene = await makeScene('app')
})
after(() => scene.at.close())

/** Moves the credential to another application. */
async function another(): Promise<string> {
  const { appId, id } = await scene.to.graph('POST', '/applications', { displayName: 'shop-reader' })
  const { value } = await scene.to.graph('GET', await credentialsOf(scene))
  for (const each of value) await scene.to.graph('DELETE', `${await credentialsOf(scene)}/${each.id}`)
  await scene.to.graph('POST', `/applications/${id}/federatedIdentityCredentials`, {
    name: 'by-hand',
    issuer: scene.made.issuer,
    subject: subjectOf(scene),
    audiences: ['api://AzureADTokenExchange'],
  })
  return appId
}

const wayOf = (detail: string | undefined) =>
  `npx wi-setup --sandbox ${/set up again with (--identity.*)$/.exec(detail ?? '')![1]}`

test('a credential on another identity is named, and either identity can be the one', async () => {
  const appId = await another()
  const [found, ...more] = (await look(scene)).found
  assert.deepEqual([found?.code, more], ['WI115', []])
  assert.match(
    found!.detail!,
    new RegExp(`credential is on the application shop-reader \\(client id ${appId}\\)`),
  )
  await runRemedy(wayOf(found!.detail!), scene)
  assert.deepEqual(codesOf((await look(scene)).found), [])
})

test('a service account that names another identity is told which', async () => {
  const { appId } = await scene.to.graph('POST', '/applications', { displayName: 'third' })
  await annotate(scene, { 'azure.workload.identity/client-id': appId })
  const [found, ...more] = (await look(scene)).found
  assert.deepEqual([found?.code, more], ['WI110', []])
  assert.match(found!.detail!, new RegExp(`names the application third \\(client id ${appId}\\)`))
  await runRemedy(wayOf(found!.detail!), scene)
  assert.deepEqual(codesOf((await look(scene)).found), [])
})

test('nobody else is looked at while all is well', async () => {
  const asked = placeOf(scene).sandbox.journal.length
  assert.deepEqual((await look(scene)).found, [])
  const paths = placeOf(scene)
    .sandbox.journal.slice(asked)
    .map(({ path }) => decodeURIComponent(path))
  assert.ok(paths.length > 0 && !paths.some((path) => /any\(|userAssignedIdentities/.test(path)))
})
