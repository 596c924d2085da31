import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type BoundAccount, bindIdentity, bindingPath, roleName } from '../../score/bind-identity.ts'
import { clusterPath, sandboxOf } from '../../score/fault.ts'
import { createFixture } from '../../score/fixture.ts'
import { hasAz, runRealAz } from '../../score/real-az.ts'
import { manualClock, openArm } from '../../support/arm-session.ts'
import { request } from '../../support/request.ts'

const fixture = await createFixture('managed')
after(() => fixture.environment.close())
const { apis, kube, settings } = fixture
const { namespace, serviceAccount: account } = settings
const { sandbox } = sandboxOf(fixture)
const identity = `/resourceGroups/${settings.resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${settings.identity}`
const { id: identityId, properties } = await apis.arm('GET', identity)
const { clientId } = properties as { clientId: string }
const bound: BoundAccount = {
  apis,
  clusterPath: clusterPath(fixture),
  identityId,
  clientId,
  namespace,
  account,
}
await bindIdentity(bound)
const pod = await kube('GET', `/api/v1/namespaces/${namespace}/pods/bound`)
const variables: Record<string, string> = Object.fromEntries(
  pod.spec.containers[0].env.map(({ name, value }: { name: string; value: string }) => [name, value]),
)

async function exchange(audience = 'api://AKSIdentityBinding', client = clientId) {
  const { status } = await kube('POST', `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { audiences: [audience], expirationSeconds: 3600 },
  })
  return request(
    sandbox as never,
    `${variables.AZURE_KUBERNETES_TOKEN_PROXY}/${sandbox.state.tenant.id}/oauth2/v2.0/token`,
    {
      form: {
        grant_type: 'client_credentials',
        client_id: client,
        scope: 'https://vault.azure.net/.default',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: status.token,
      },
    },
  )
}

test('a binding has the properties of its identity, and AKS adds its credential', async () => {
  const binding = await apis.arm('GET', bindingPath(bound))
  const issuer = `https://ib.oic.prod-aks.azure.com/${sandbox.state.tenant.id}/${clientId}`
  assert.deepEqual(binding.properties, {
    managedIdentity: {
      resourceId: identityId,
      objectId: properties.principalId,
      clientId,
      tenantId: sandbox.state.tenant.id,
    },
    oidcIssuer: { oidcIssuerUrl: issuer },
    provisioningState: 'Succeeded',
  })
  const credential = await apis.arm('GET', `${identity}/federatedIdentityCredentials/aks-identity-binding`)
  assert.equal(credential.properties.issuer, issuer)
  const other = `${identityId}-2`
  await assert.rejects(
    apis.arm('PUT', bindingPath(bound), { properties: { managedIdentity: { resourceId: other } } }),
    /400/,
  )
})

test('a pod that opts in gets the variables of the proxy and a token for it', () => {
  assert.equal(variables.AZURE_KUBERNETES_CA_FILE, '/var/run/secrets/azure/wi/ca-cert/ca.crt')
  assert.match(variables.AZURE_KUBERNETES_SNI_NAME!, /^a[0-9a-v]{52}\.ests\.aks$/)
  assert.equal(variables.AZURE_CLIENT_ID, clientId)
  const audiences = pod.spec.volumes.flatMap(
    (volume: { projected?: { sources: { serviceAccountToken?: { audience?: string } }[] } }) =>
      (volume.projected?.sources ?? []).map((source) => source.serviceAccountToken?.audience),
  )
  assert.ok(audiences.includes('api://AKSIdentityBinding'))
  assert.ok(!audiences.includes('api://AzureADTokenExchange'))
})

test('the proxy exchanges the token of a service account that may use the identity', async () => {
  const exchanged = await exchange()
  assert.equal(exchanged.status, 200, JSON.stringify(exchanged.body))
  const vault = `https://${settings.vault}.${new URL(sandbox.simulator.addresses.vaultResource).host}`
  const secret = await request(sandbox as never, `${vault}/secrets/${settings.secret}?api-version=7.5`, {
    token: exchanged.body.access_token,
  })
  assert.equal(secret.status, 200)
  assert.equal((await exchange('api://AzureADTokenExchange')).status, 401)
  assert.equal((await exchange(undefined, crypto.randomUUID())).status, 403)
})

test('without the role or the binding the proxy refuses', async () => {
  const roleBinding = `/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${roleName(bound)}`
  const { subjects, roleRef, ...rest } = await kube('GET', roleBinding)
  await kube('DELETE', roleBinding)
  assert.equal((await exchange()).status, 403)
  await kube('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    ...rest,
    metadata: { name: roleName(bound) },
    roleRef,
    subjects: [
      { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: `system:serviceaccounts:${namespace}` },
    ],
  })
  assert.equal((await exchange()).status, 200, 'a role of all accounts of the namespace counts')
  await apis.arm('DELETE', bindingPath(bound))
  assert.equal((await exchange()).status, 403)
  // AKS never collects its credential.
  await apis.arm('GET', `${identity}/federatedIdentityCredentials/aks-identity-binding`)
})

test('creating and deleting a binding takes time, and a second operation on it is rejected meanwhile', async () => {
  const { clock, advance } = manualClock()
  const arm = await openArm({ clock, pace: 0.01 })
  try {
    await arm.prepare()
    const identity = `${arm.providers}/Microsoft.ManagedIdentity/userAssignedIdentities/id-shop`
    const cluster = `${arm.providers}/Microsoft.ContainerService/managedClusters/c`
    await arm.call('PUT', identity, { location: 'eastus' }, { version: '2024-11-30' })
    const pool = { name: 'system', mode: 'System', count: 1 }
    await arm.call('PUT', cluster, {
      location: 'eastus',
      properties: { dnsPrefix: 'c', agentPoolProfiles: [pool] },
    })
    advance(arm.simulator.durationOf('clusterCreate'))
    const path = `${cluster}/identityBindings/b`
    const body = { properties: { managedIdentity: { resourceId: identity } } }
    const stateOf = async () => (await arm.call('GET', path)).body.properties?.provisioningState
    const operationOf = async ({ headers }: { headers: Record<string, unknown> }) =>
      (await arm.call('GET', headers['azure-asyncoperation'] as string)).body.status
    const end = () => advance(arm.simulator.durationOf('identityBinding'))

    const created = await arm.call('PUT', path, body)
    assert.equal(created.status, 201)
    assert.ok(created.headers['retry-after'] && created.headers.location)
    assert.equal(await stateOf(), 'Creating')
    assert.equal(await operationOf(created), 'InProgress')
    assert.equal((await arm.call('PUT', path, body)).status, 409)
    assert.equal((await arm.call('DELETE', path)).status, 409)
    end()
    assert.equal(await operationOf(created), 'Succeeded')
    assert.equal(await stateOf(), 'Succeeded')
    assert.equal((await arm.call('PUT', path, body)).status, 200)
    end()

    const deleted = await arm.call('DELETE', path)
    assert.equal(deleted.status, 202)
    assert.equal(await stateOf(), 'Deleting')
    assert.equal((await arm.call('DELETE', path)).status, 202)
    end()
    assert.equal(await operationOf(deleted), 'Succeeded')
    assert.equal((await arm.call('GET', path)).status, 404)
    assert.equal((await arm.call('DELETE', path)).status, 204)
  } finally {
    await arm.sandbox.close()
  }
})

test('az creates, shows, lists and deletes a binding', {
  skip: !hasAz && 'needs az, and SCORE_AZ=real',
}, async () => {
  const group = settings.clusterResourceGroup
  const az = (verb: string, more = '') =>
    runRealAz(
      `az aks identity-binding ${verb} -g '${group}' --cluster-name '${settings.cluster}' ${more} -o json`,
      sandboxOf(fixture),
    )
  const created = JSON.parse(await az('create', `-n by-az --managed-identity-resource-id '${identityId}'`))
  assert.equal(created.properties.provisioningState, 'Succeeded')
  assert.equal(created.properties.managedIdentity.clientId, clientId)
  assert.deepEqual(JSON.parse(await az('show', '-n by-az')), created)
  assert.deepEqual(
    JSON.parse(await az('list')).map(({ name }: { name: string }) => name),
    ['by-az'],
  )
  await az('delete', '-y -n by-az')
  assert.deepEqual(JSON.parse(await az('list')), [])
})
