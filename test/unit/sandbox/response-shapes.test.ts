import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openArm } from '../../support/arm-session.ts'
import { operatorToken, request } from '../../support/request.ts'

/** Key paths with their types, one per line, as recorded from the services. Arrays are the union of their elements. */
function shapeOf(value: unknown, path = '', into = new Map<string, Set<string>>()) {
  const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
  into.set(path, (into.get(path) ?? new Set()).add(kind))
  if (Array.isArray(value)) for (const each of value) shapeOf(each, `${path}[]`, into)
  else if (kind === 'object')
    for (const [name, each] of Object.entries(value as object))
      shapeOf(each, path ? `${path}.${name}` : name, into)
  return into
}

const lines = (value: unknown) =>
  [...shapeOf(value)]
    .filter(([path, kinds]) => path && !kinds.has('object'))
    .map(([path, kinds]) => `${path} ${[...kinds].sort().join('|')}`)
    .sort()

const same = (value: unknown, wanted: string) =>
  assert.deepEqual(lines(value), wanted.trim().split('\n').sort())

let arm: Awaited<ReturnType<typeof openArm>>
before(async () => {
  arm = await openArm()
  await arm.prepare()
})
after(() => arm.sandbox.close())

const resource = `id string
name string
type string
location string`

test('a resource group and the headers of Resource Manager', async () => {
  const { call, group } = arm
  const { body, headers } = await call('GET', group)
  same(body, `${resource}\nproperties.provisioningState string`)
  assert.equal(headers['content-type'], 'application/json; charset=utf-8')
  assert.equal(headers['x-ms-operation-identifier'], undefined, 'Resource Manager answers for groups itself')
  for (const name of ['x-ms-ratelimit-remaining-subscription-reads', 'x-ms-request-id', 'x-msedge-ref'])
    assert.ok(headers[name], name)
  const missing = await call('HEAD', `${arm.subscription}/resourceGroups/none`)
  assert.deepEqual([missing.status, missing.headers['x-ms-failure-cause']], [404, 'gateway'])
  assert.equal(missing.headers['x-ms-ratelimit-remaining-subscription-reads'], undefined)
})

/** 2026-09, api-version 2026-05-01, with the issuer requested. */
const cluster = `${resource}
kind string
identity.principalId string
identity.tenantId string
identity.type string
sku.name string
sku.tier string
properties.agentPoolProfiles array
properties.agentPoolProfiles[].count number
properties.agentPoolProfiles[].currentOrchestratorVersion string
properties.agentPoolProfiles[].enableFIPS boolean
properties.agentPoolProfiles[].enableNodePublicIP boolean
properties.agentPoolProfiles[].kubeletDiskType string
properties.agentPoolProfiles[].maxPods number
properties.agentPoolProfiles[].mode string
properties.agentPoolProfiles[].name string
properties.agentPoolProfiles[].nodeImageVersion string
properties.agentPoolProfiles[].orchestratorVersion string
properties.agentPoolProfiles[].osDiskSizeGB number
properties.agentPoolProfiles[].osDiskType string
properties.agentPoolProfiles[].osSKU string
properties.agentPoolProfiles[].osType string
properties.agentPoolProfiles[].powerState.code string
properties.agentPoolProfiles[].provisioningState string
properties.agentPoolProfiles[].scaleDownMode string
properties.agentPoolProfiles[].securityProfile.enableSecureBoot boolean
properties.agentPoolProfiles[].securityProfile.enableVTPM boolean
properties.agentPoolProfiles[].securityProfile.sshAccess string
properties.agentPoolProfiles[].type string
properties.agentPoolProfiles[].upgradeSettings.maxSurge string
properties.agentPoolProfiles[].upgradeSettings.maxUnavailable string
properties.agentPoolProfiles[].vmSize string
properties.autoUpgradeProfile.nodeOSUpgradeChannel string
properties.azurePortalFQDN string
properties.bootstrapProfile.artifactSource string
properties.currentKubernetesVersion string
properties.dnsPrefix string
properties.enableRBAC boolean
properties.fqdn string
properties.hostedSystemProfile.enabled boolean
properties.kubernetesVersion string
properties.maxAgentPools number
properties.metricsProfile.costAnalysis.enabled boolean
properties.networkProfile.dnsServiceIP string
properties.networkProfile.ipFamilies array
properties.networkProfile.ipFamilies[] string
properties.networkProfile.loadBalancerProfile.backendPoolType string
properties.networkProfile.loadBalancerProfile.managedOutboundIPs.count number
properties.networkProfile.loadBalancerSku string
properties.networkProfile.networkDataplane string
properties.networkProfile.networkPlugin string
properties.networkProfile.networkPluginMode string
properties.networkProfile.networkPolicy string
properties.networkProfile.outboundType string
properties.networkProfile.podCidr string
properties.networkProfile.podCidrs array
properties.networkProfile.podCidrs[] string
properties.networkProfile.serviceCidr string
properties.networkProfile.serviceCidrs array
properties.networkProfile.serviceCidrs[] string
properties.nodeProvisioningProfile.mode string
properties.nodeResourceGroup string
properties.oidcIssuerProfile.enabled boolean
properties.oidcIssuerProfile.issuerURL string
properties.powerState.code string
properties.provisioningState string
properties.resourceUID string
properties.servicePrincipalProfile.clientId string
properties.storageProfile.diskCSIDriver.enabled boolean
properties.storageProfile.fileCSIDriver.enabled boolean
properties.storageProfile.snapshotController.enabled boolean
properties.supportPlan string`

test('a cluster during and after its creation', async () => {
  const { call, providers } = arm
  const path = `${providers}/Microsoft.ContainerService/managedClusters/c1`
  const version = '2026-05-01'
  const created = await call(
    'PUT',
    path,
    {
      identity: { type: 'SystemAssigned' },
      location: 'eastus',
      tags: {},
      properties: {
        dnsPrefix: 'aso',
        oidcIssuerProfile: { enabled: true },
        addonProfiles: null,
        agentPoolProfiles: [
          {
            name: 'ap1',
            count: 1,
            mode: 'System',
            osType: 'Linux',
            nodeTaints: [],
            vmSize: 'Standard_D2s_v5',
          },
        ],
      },
    },
    { version },
  )
  assert.equal(created.status, 201)
  same(created.body, cluster)
  assert.ok(created.headers['x-ms-operation-identifier'])

  const operation = created.headers['azure-asyncoperation'] as string
  const { body: state } = await call('GET', operation)
  same(state, 'name string\nstatus string\nstartTime string\nendTime string')
  assert.ok(operation.includes(state.name))

  const { body, headers } = await call('GET', path, undefined, { version })
  assert.equal(headers['content-type'], 'application/json')
  assert.equal(headers['x-ms-operation-identifier'], undefined)
  const later = `properties.identityProfile.kubeletidentity.clientId string
properties.identityProfile.kubeletidentity.objectId string
properties.identityProfile.kubeletidentity.resourceId string
properties.networkProfile.loadBalancerProfile.effectiveOutboundIPs array
properties.networkProfile.loadBalancerProfile.effectiveOutboundIPs[].id string`
  same(body, `${cluster}\n${later}`)
  assert.deepEqual([body.properties.securityProfile, body.properties.workloadAutoScalerProfile], [{}, {}])

  const older = (await call('GET', path, undefined, { version: '2025-08-01' })).body.properties
  assert.deepEqual(older.nodeProvisioningProfile, { mode: 'Manual', defaultNodePools: 'Auto' })
  assert.equal(older.hostedSystemProfile, undefined)
})

test('not-found errors of AKS and other providers', async () => {
  const { call, providers } = arm
  const pool = await call('GET', `${providers}/Microsoft.ContainerService/managedClusters/c1/agentPools/none`)
  same(
    pool.body,
    'code string\nmessage string\nsubcode string\ndetails array\ndetails[].code string\ndetails[].message string',
  )
  assert.deepEqual([pool.status, pool.headers['x-ms-failure-cause']], [404, undefined])
  const gone = await call('GET', `${providers}/Microsoft.ContainerService/managedClusters/none`)
  assert.deepEqual(
    [gone.body.error.code, gone.headers['x-ms-failure-cause']],
    ['ResourceNotFound', 'gateway'],
  )
  const orphan = await call(
    'DELETE',
    `${providers}/Microsoft.ManagedIdentity/userAssignedIdentities/none/federatedIdentityCredentials/f1a`,
  )
  assert.deepEqual([orphan.status, orphan.body.error.code], [404, 'ParentResourceNotFound'])
})

test('an identity and its federated credential', async () => {
  const { call, providers } = arm
  const path = `${providers}/Microsoft.ManagedIdentity/userAssignedIdentities/uami-1`
  const created = await call('PUT', path, { location: 'eastus' })
  same(
    created.body,
    `${resource}\nproperties.tenantId string\nproperties.principalId string\nproperties.clientId string`,
  )
  assert.deepEqual(created.body.tags, {})
  assert.equal(created.headers.location, created.body.id)
  const credential = await call('PUT', `${path}/federatedIdentityCredentials/fic1`, {
    properties: { issuer: 'https://i.example/', subject: 'system:serviceaccount:n:s', audiences: ['a'] },
  })
  assert.equal(credential.status, 201)
  same(
    credential.body,
    'id string\nname string\ntype string\nproperties.issuer string\nproperties.subject string\nproperties.audiences array\nproperties.audiences[] string',
  )
  const none = await call('GET', `${path}/federatedIdentityCredentials/none`)
  assert.match(none.body.error.message, /^Resource '\/subscriptions\/.*' was not found\.$/)
})

test('a vault, deleted and recovered', async () => {
  const { call, providers, subscription, state } = arm
  const path = `${providers}/Microsoft.KeyVault/vaults/shapes`
  const wanted = {
    location: 'eastus',
    properties: { tenantId: state.tenant.id, sku: { family: 'A', name: 'standard' }, accessPolicies: [] },
  }
  const version = '2023-07-01'
  const created = await call('PUT', path, wanted, { version })
  const vault = `${resource}
${['createdBy', 'createdByType', 'createdAt', 'lastModifiedBy', 'lastModifiedByType', 'lastModifiedAt']
  .map((name) => `systemData.${name} string`)
  .join('\n')}
properties.accessPolicies array
properties.enableSoftDelete boolean
properties.enabledForDeployment boolean
properties.provisioningState string
properties.publicNetworkAccess string
properties.sku.family string
properties.sku.name string
properties.softDeleteRetentionInDays number
properties.tenantId string
properties.vaultUri string`
  same(created.body, vault)
  assert.ok(created.headers['x-ms-keyvault-service-version'])
  await call('DELETE', path)
  const deleted = await call(
    'GET',
    `${subscription}/providers/Microsoft.KeyVault/locations/eastus/deletedVaults/shapes`,
  )
  same(
    deleted.body,
    `id string
name string
type string
properties.vaultId string
properties.location string
properties.deletionDate string
properties.scheduledPurgeDate string`,
  )
  const back = await call(
    'PUT',
    path,
    { ...wanted, properties: { ...wanted.properties, createMode: 'recover' } },
    { version },
  )
  same(back.body, vault)
  assert.equal(back.body.properties.provisioningState, 'Succeeded')
  assert.ok(back.body.properties.vaultUri.endsWith('/'))
})

test('role definitions and assignments', async () => {
  const { call, group, subscription, state } = arm
  const definitions = `${subscription}/providers/Microsoft.Authorization/roleDefinitions`
  const found = await call('GET', `${definitions}?$filter=roleName%20eq%20'key%20vault%20secrets%20user'`)
  const lists = ['actions', 'notActions', 'dataActions', 'notDataActions']
  same(
    found.body,
    `value array
value[].id string
value[].name string
value[].type string
value[].properties.assignableScopes array
value[].properties.assignableScopes[] string
value[].properties.createdBy null
value[].properties.createdOn string
value[].properties.description string
value[].properties.permissions array
${lists.map((name) => `value[].properties.permissions[].${name} array`).join('\n')}
value[].properties.permissions[].dataActions[] string
value[].properties.roleName string
value[].properties.type string
value[].properties.updatedBy null
value[].properties.updatedOn string`,
  )
  const created = await call(
    'PUT',
    `${group}/providers/Microsoft.Authorization/roleAssignments/11111111-2222-4333-8444-555555555555`,
    {
      properties: {
        roleDefinitionId: found.body.value[0].id,
        principalId: state.operator.objectId,
        principalType: 'ServicePrincipal',
      },
    },
  )
  const assignment = (author: string) => `id string
name string
type string
properties.condition null
properties.conditionVersion null
properties.createdBy ${author}
properties.createdOn string
properties.delegatedManagedIdentityResourceId null
properties.description null
properties.principalId string
properties.principalType string
properties.roleDefinitionId string
properties.scope string
properties.updatedBy string
properties.updatedOn string`
  assert.equal(created.status, 201)
  same(created.body, assignment('null'))
  same((await call('GET', created.body.id)).body, assignment('string'))
})

test('locations: regions with and without zones and pairs, and geographies', async () => {
  const { body } = await arm.call('GET', `${arm.subscription}/locations`)
  same(
    body,
    `value array
value[].availabilityZoneMappings array
value[].availabilityZoneMappings[].logicalZone string
value[].availabilityZoneMappings[].physicalZone string
value[].displayName string
value[].id string
value[].metadata.geography string
value[].metadata.geographyGroup string
value[].metadata.latitude string
value[].metadata.longitude string
value[].metadata.pairedRegion array
value[].metadata.pairedRegion[].id string
value[].metadata.pairedRegion[].name string
value[].metadata.physicalLocation string
value[].metadata.regionCategory string
value[].metadata.regionType string
value[].name string
value[].regionalDisplayName string
value[].type string`,
  )
})

test('an application with all its parts', async () => {
  const { sandbox, simulator } = arm
  const token = await operatorToken(sandbox, simulator.addresses.graph)
  const url = `${simulator.addresses.graph}/v1.0/applications`
  const { body } = await request(sandbox, url, {
    method: 'POST',
    token,
    json: {
      displayName: 'parts',
      web: { redirectUris: ['https://a.example/'] },
      appRoles: [
        {
          allowedMemberTypes: ['User'],
          description: 'd',
          displayName: 'n',
          id: '11111111-2222-4333-8444-555555555555',
          isEnabled: true,
          value: 'v',
        },
      ],
      optionalClaims: { accessToken: [{ name: 'ipaddr' }] },
    },
  })
  assert.deepEqual(body.web.redirectUriSettings, [{ uri: 'https://a.example/', index: null }])
  assert.equal(body.appRoles[0].origin, 'Application')
  const claim = { additionalProperties: [], essential: false, name: 'ipaddr', source: null }
  assert.deepEqual(body.optionalClaims, { accessToken: [claim], idToken: [], saml2Token: [] })
  const secret = await request(sandbox, `${url}/${body.id}/addPassword`, { method: 'POST', token, json: {} })
  assert.equal(secret.headers.location, simulator.addresses.graph)
  const nobody = `${simulator.addresses.graph}/v1.0/users?$filter=userPrincipalName%20eq%20'a@b.example'`
  assert.deepEqual((await request(sandbox, nobody, { token })).body.value, [])
})
