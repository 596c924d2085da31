import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { parse, stringify } from 'yaml'
import { sandboxApis } from '../../score/apis.ts'
import { newInProcessEnvironment } from '../../support/in-process.ts'
import { operatorToken } from '../../support/request.ts'

const environment = await newInProcessEnvironment()
after(() => environment.close())
const { state, simulator, journal } = environment.sandbox
const { arm } = sandboxApis(environment)
const clusterPath = '/resourceGroups/rg-entra/providers/Microsoft.ContainerService/managedClusters/aks-entra'
const names = ['--resource-group', 'rg-entra', '--cluster', 'aks-entra', '--vault', 'kv-entra']
const setUpArgs = ['--sandbox', '--yes', ...names]
const cluster = {
  location: 'westeurope',
  sku: { name: 'Base', tier: 'Free' },
  identity: { type: 'SystemAssigned' },
  properties: {
    dnsPrefix: 'entra',
    disableLocalAccounts: true,
    aadProfile: { managed: true, enableAzureRBAC: true },
    oidcIssuerProfile: { enabled: true },
    securityProfile: { workloadIdentity: { enabled: true } },
    agentPoolProfiles: [{ name: 'system', mode: 'System', count: 1, osType: 'Linux' }],
  },
}
const writes = () => journal.filter(({ write }) => write).length
const run = async (...args: string[]) => {
  const { code, stdout, stderr } = await environment.run(args)
  return { code, stdout, text: stderr.replace(/\s+/g, ' ') }
}

before(async () => {
  for (const name of ['ContainerService', 'KeyVault', 'ManagedIdentity'])
    await arm('POST', `/providers/Microsoft.${name}/register`)
  await arm('PUT', '/resourceGroups/rg-entra', { location: 'westeurope' })
  await arm('PUT', clusterPath, cluster)
})

test('without a role in the cluster, set-up stops before its first write and names the Azure role', async () => {
  const before = writes()
  const { code, text } = await run(...setUpArgs)
  assert.equal(code, 1, text)
  assert.match(text, /The cluster uses Azure RBAC, and Azure does not allow [0-9a-f-]{36} to get namespaces/)
  const scope = `/subscriptions/${state.subscription.id}${clusterPath}`
  const command = `az role assignment create --role 'Azure Kubernetes Service RBAC Cluster Admin' --assignee-object-id ${state.operator.objectId} --assignee-principal-type ServicePrincipal --scope ${scope}`
  assert.ok(text.replaceAll('"', "'").includes(command), text)
  assert.match(text, /permissions --user [0-9a-f-]{36} \| kubectl apply/)
  assert.equal(writes(), before)
})

test('with the role, set-up, verify and destroy work without kubelogin', async () => {
  await arm(
    'PUT',
    `${clusterPath}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`,
    {
      properties: {
        roleDefinitionId: `/subscriptions/${state.subscription.id}/providers/Microsoft.Authorization/roleDefinitions/b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b`,
        principalId: state.operator.objectId,
        principalType: 'ServicePrincipal',
      },
    },
  )
  for (const args of [setUpArgs, ['verify']]) {
    const { code, text } = await run(...args)
    assert.equal(code, 0, text)
  }
  const before = writes()
  assert.equal((await run(...setUpArgs)).code, 0)
  assert.equal(writes(), before)
})

/** Writes a kubeconfig whose sign-in program returns a token as kubelogin does, and returns its path. */
async function kubeconfigWithPlugin(): Promise<string> {
  const token = await operatorToken(environment.sandbox as never, '6dae42f8-4368-4678-94ff-3960e28e3630')
  const plugin = join(environment.root, 'entra-login')
  const credential = {
    apiVersion: 'client.authentication.k8s.io/v1beta1',
    kind: 'ExecCredential',
    status: { token },
  }
  writeFileSync(plugin, `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`)
  chmodSync(plugin, 0o700)
  const { kubeconfigs } = await arm(
    'POST',
    `${clusterPath}/listClusterUserCredential?api-version=2026-04-01&format=exec`,
  )
  const config = parse(Buffer.from(kubeconfigs[0].value, 'base64').toString('utf8'))
  assert.equal(config.users[0].user.exec.command, 'kubelogin')
  config.users[0].user.exec.command = plugin
  const path = join(environment.root, 'entra.yaml')
  writeFileSync(path, stringify(config))
  return path
}

test('verify works through a sign-in program that returns Entra tokens', async () => {
  const path = await kubeconfigWithPlugin()
  const { code, text } = await run('verify', '--kubeconfig', path)
  assert.equal(code, 0, text)
})

test('a machine outside the authorized IP ranges is told so, with the ranges and the fix', async () => {
  const found = await arm('GET', clusterPath)
  const access = { authorizedIPRanges: ['203.0.113.0/24', '198.51.100.7/32'] }
  const { properties } = found
  await arm('PUT', clusterPath, { ...found, properties: { ...properties, apiServerAccessProfile: access } })
  const verified = await run('verify')
  assert.equal(verified.code, 1, verified.text)
  const before = writes()
  for (const { code, text } of [verified, await run(...setUpArgs), await run('destroy', '--yes')]) {
    assert.equal(code, 1, text)
    assert.match(text, /authorized IP ranges/)
    assert.match(
      text,
      /az aks update --resource-group rg-entra --name aks-entra --api-server-authorized-ip-ranges "?203\.0\.113\.0\/24,198\.51\.100\.7\/32,…/,
    )
  }
  assert.equal(writes(), before)
  access.authorizedIPRanges.push('127.0.0.1/32')
  await arm('PUT', clusterPath, { ...found, properties: { ...properties, apiServerAccessProfile: access } })
})

test('from an address in the ranges, everything is deleted', async () => {
  const { code, text } = await run('destroy', '--yes')
  assert.equal(code, 0, text)
  assert.ok(simulator.state.clusters[Object.keys(simulator.state.clusters)[0]!])
})
