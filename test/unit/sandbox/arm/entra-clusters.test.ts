import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { parse } from 'yaml'
import { openArm } from '../../../support/arm-session.ts'
import { operatorToken, request } from '../../../support/request.ts'

const server = '6dae42f8-4368-4678-94ff-3960e28e3630'
const arm = await openArm()
const group = crypto.randomUUID()
let token: string
let address: string

const at = (name: string) => `${arm.providers}/Microsoft.ContainerService/managedClusters/${name}`
const wanted = (properties: object, rest: object = {}) => ({
  location: 'eastus',
  identity: { type: 'SystemAssigned' },
  sku: { name: 'Base', tier: 'Free' },
  properties: {
    dnsPrefix: 'entra',
    agentPoolProfiles: [{ name: 'system', mode: 'System', count: 1 }],
    ...properties,
  },
  ...rest,
})
const serverOf = async (name: string) => {
  const { body } = await arm.call('GET', at(name))
  return `${arm.simulator.addresses.kube}/${body.properties.fqdn}`
}
const ask = (path: string, json?: unknown, method = json ? 'POST' : 'GET', as = token) =>
  request(arm.sandbox, `${address}${path}`, { method, token: as, ...(json ? { json } : {}) })
const assignInCluster = (role: string, scope = at('c1')) =>
  arm.call('PUT', `${scope}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`, {
    properties: {
      roleDefinitionId: `${arm.subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      principalId: arm.state.operator.objectId,
      principalType: 'ServicePrincipal',
    },
  })

before(async () => {
  await arm.prepare()
  const aadProfile = { managed: true, enableAzureRBAC: true, adminGroupObjectIDs: [group] }
  await arm.call('PUT', at('c1'), wanted({ aadProfile, disableLocalAccounts: true }))
  token = await operatorToken(arm.sandbox, server)
  address = await serverOf('c1')
})
after(() => arm.sandbox.close())

test('the user credential signs in by kubelogin, or as before it; the admin credential is refused', async () => {
  const userOf = async (format: string) => {
    const { body } = await arm.call('POST', `${at('c1')}/listClusterUserCredential?format=${format}`)
    return parse(Buffer.from(body.kubeconfigs[0].value, 'base64').toString('utf8')).users[0].user
  }
  const { exec } = await userOf('exec')
  assert.equal(exec.command, 'kubelogin')
  assert.equal(exec.args[exec.args.indexOf('--server-id') + 1], server)
  const { name, config } = (await userOf('azure'))['auth-provider']
  assert.deepEqual([name, config['apiserver-id']], ['azure', server])
  const { status, body } = await arm.call('POST', `${at('c1')}/listClusterAdminCredential`)
  assert.deepEqual([status, body.code], [400, 'BadRequest'])
  assert.match(body.message, /set to disable local accounts/)
})

test('AKS Automatic signs in by Entra and has no local accounts', async () => {
  const { body } = await arm.call('PUT', at('auto'), wanted({}, { sku: { name: 'Automatic' } }))
  const { aadProfile, disableLocalAccounts } = body.properties
  assert.deepEqual([aadProfile.managed, aadProfile.enableAzureRBAC, disableLocalAccounts], [true, true, true])
})

test('only Entra tokens for the server application sign in, and only to a cluster with Entra', async () => {
  assert.equal((await ask('/api')).status, 200)
  const forArm = await operatorToken(arm.sandbox, arm.simulator.addresses.arm)
  assert.equal((await ask('/api', undefined, 'GET', forArm)).status, 401)
  await arm.call('PUT', at('c2'), wanted({}))
  const other = await request(arm.sandbox, `${await serverOf('c2')}/api`, { token })
  assert.equal(other.status, 401)
  const self = await ask('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'SelfSubjectReview',
  })
  assert.deepEqual(self.body.status.userInfo.username, arm.state.operator.objectId)
})

test('Azure RBAC for Kubernetes decides by data actions at the cluster and its namespaces', async () => {
  const denied = await ask('/api/v1/namespaces/default/pods')
  assert.equal(denied.status, 403)
  assert.match(
    denied.body.message,
    /^pods is forbidden: User "[0-9a-f-]{36}" cannot list resource "pods" in API group "" in the namespace "default": User does not have access to the resource in Azure\. Update role assignment to allow access\.$/,
  )
  const rules = await ask('/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectRulesReview',
    spec: { namespace: 'default' },
  })
  assert.equal(rules.body.status.incomplete, true)
  const reader = '7f6c6a51-bcf8-42ba-9220-52d62157d7db'
  await assignInCluster(reader, `${at('c1')}/namespaces/default`)
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }
  assert.equal((await ask('/api/v1/namespaces/default/pods')).status, 200)
  assert.equal((await ask('/api/v1/namespaces/default/secrets')).status, 403)
  assert.equal((await ask('/api/v1/namespaces/kube-system/pods')).status, 403)
  assert.equal((await ask('/api/v1/namespaces/default/configmaps', configMap)).status, 403)
  await assignInCluster('b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b')
  assert.equal((await ask('/api/v1/namespaces/default/configmaps', configMap)).status, 201)
  assert.equal((await ask('/api/v1/nodes')).status, 200)
})

test('a role in the cluster, bound to the user or a group, counts as well', async () => {
  const { principal } = await arm.newPrincipal()
  const { mintAccessToken } = await import('../../../../sandbox/entra/access-tokens.ts')
  const { token: other } = await mintAccessToken(arm.simulator, {
    principal,
    audience: server,
    proof: 'secret',
  })
  const pods = () => ask('/api/v1/namespaces/default/pods', undefined, 'GET', other)
  assert.equal((await pods()).status, 403)
  const rbac = 'rbac.authorization.k8s.io'
  await ask(`/apis/${rbac}/v1/namespaces/default/rolebindings`, {
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: { name: 'reads' },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'view' },
    subjects: [{ apiGroup: rbac, kind: 'User', name: principal.id }],
  })
  assert.equal((await pods()).status, 200)
  const nodes = () => ask('/api/v1/nodes', undefined, 'GET', other)
  assert.equal((await nodes()).status, 403)
  arm.state.directory.groups = {
    [group]: {
      id: group,
      displayName: 'admins',
      mailNickname: 'admins',
      description: null,
      createdAt: 0,
      members: [principal.id],
    },
  }
  assert.equal((await nodes()).status, 200)
})

test('a connection from outside the authorized IP ranges is not answered', async () => {
  const { body } = await arm.call('GET', at('c1'))
  const withRanges = (...authorizedIPRanges: string[]) =>
    arm.call('PUT', at('c1'), {
      ...body,
      properties: { ...body.properties, apiServerAccessProfile: { authorizedIPRanges } },
    })
  await withRanges('203.0.113.0/24')
  await assert.rejects(ask('/version'), { code: 'ECONNRESET' })
  await withRanges('203.0.113.0/24', '127.0.0.0/8', '::1/128')
  assert.equal((await ask('/version')).status, 200)
})
