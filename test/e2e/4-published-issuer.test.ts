import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import { restartApiServer } from './cluster.ts'
import { azureWrites, e2eEnvironment, kubeconfigFlags, skipOnGivenCluster } from './environment.ts'
import { sandboxApis } from './score-apis.ts'

const environment = e2eEnvironment()
const skip = skipOnGivenCluster(environment, 'the API server is restarted with the published issuer')
const blobContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

const publish = (...args: string[]) =>
  environment.run([
    ...['issuer', 'publish', '--cloud', environment.arm, '--kubeconfig', environment.kubeconfig],
    ...['--resource-group', 'rg-e2e', '--location', 'westeurope', '--storage-account', 'stissuer'],
    ...['--yes', '--output', 'json', ...args],
  ])

after(() => (skip ? undefined : restartApiServer(environment)))

test('the keys of a real cluster, published in a static website, let a pod read its secret', {
  skip,
}, async () => {
  const refused = await publish('--create')
  assert.match(refused.json.error?.message ?? '', /lack the role Storage Blob Data Contributor/)
  const [[command = []] = []] = refused.json.error!.commands
  const flagValue = (flag: string) => command[command.indexOf(flag) + 1]!
  assert.equal(flagValue('--role'), 'Storage Blob Data Contributor')
  const { arm } = await sandboxApis(environment)
  const [, subscription, scope] = /^(\/subscriptions\/[^/]+)(.*)$/.exec(flagValue('--scope'))!
  await arm('PUT', `${scope}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`, {
    properties: {
      roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${blobContributor}`,
      principalId: flagValue('--assignee'),
      principalType: 'ServicePrincipal',
    },
  })
  const published = await publish('--for', 'kubeadm')
  assert.equal(published.code, 0, published.stderr)
  const { issuer, flags } = JSON.parse(published.stdout)
  assert.match(issuer, /^https:\/\/stissuer\.z13\.web\./)
  assert.ok(flags[0].yaml.indexOf(issuer) < flags[0].yaml.indexOf(environment.issuer), flags[0].yaml)
  const before = azureWrites(environment)
  assert.equal(JSON.parse((await publish()).stdout).writes, 0)
  assert.deepEqual(azureWrites(environment), before)

  await restartApiServer(environment, [issuer, environment.issuer])
  const flagsOfSetUp = kubeconfigFlags(environment, 'bay')
  const done = await environment.run([...flagsOfSetUp, '--yes', '--output', 'json'])
  assert.equal(done.code, 0, done.stderr)
  const verified = await environment.run(['verify', ...flagsOfSetUp, '--in-cluster', '--output', 'json'])
  assert.equal(verified.code, 0, verified.stdout)
  const statusOf = (code: string) => verified.json.checks.find((each) => each.code === code)?.status
  for (const code of ['WI107', 'WI108', 'WI101', 'WI601', 'WI604']) assert.equal(statusOf(code), 'pass', code)
})
