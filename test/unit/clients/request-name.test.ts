import assert from 'node:assert/strict'
import { test } from 'node:test'
import { operationOf, resourceOf } from '../../../src/clients/request-name.ts'
import type { ServiceName } from '../../../src/clients/service-error.ts'

const arm = 'https://management.azure.com/subscriptions/5'
const group = `${arm}/resourceGroups/rg-shop`
const vault = `${group}/providers/Microsoft.KeyVault/vaults/kv-shop`
const identity = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/wi-shop`
const graph = 'https://graph.microsoft.com/v1.0'
const cluster = 'https://aks-shop.hcp.westeurope.azmk8s.io:443'
const login = 'https://login.microsoftonline.com/72f9'

const cases: [ServiceName, string, string, string][] = [
  ['arm', 'GET', 'https://management.azure.com/subscriptions?api-version=1', 'list subscriptions'],
  ['arm', 'GET', group, 'read resource group rg-shop'],
  ['arm', 'GET', `${vault}?api-version=1`, 'read vault kv-shop'],
  ['arm', 'PUT', vault, 'write vault kv-shop'],
  ['arm', 'DELETE', vault, 'delete vault kv-shop'],
  ['arm', 'GET', `${arm}/providers/Microsoft.KeyVault/vaults`, 'list vaults'],
  [
    'arm',
    'GET',
    `${vault}/providers/Microsoft.Authorization/roleAssignments`,
    'list role assignments of vault kv-shop',
  ],
  ['arm', 'GET', identity, 'read managed identity wi-shop'],
  [
    'arm',
    'PUT',
    `${identity}/federatedIdentityCredentials/f`,
    'write federated credential f of managed identity wi-shop',
  ],
  [
    'arm',
    'POST',
    `${group}/providers/Microsoft.ContainerService/managedClusters/aks-shop/listClusterUserCredential`,
    'read the kubeconfig',
  ],
  ['arm', 'POST', `${arm}/providers/Microsoft.KeyVault/checkNameAvailability`, 'call checkNameAvailability'],
  ['arm', 'GET', 'https://management.azure.com/metadata/endpoints', "read the cloud's endpoints"],
  ['graph', 'GET', `${graph}/applications(appId='6d1e')`, 'read application 6d1e'],
  ['graph', 'GET', `${graph}/applications?$filter=x`, 'list applications'],
  ['graph', 'POST', `${graph}/servicePrincipals`, 'create service principal'],
  [
    'graph',
    'GET',
    `${graph}/applications/6d1e/federatedIdentityCredentials`,
    'list federated credentials of application 6d1e',
  ],
  ['graph', 'GET', `${graph}/me`, 'read the signed-in user'],
  [
    'vault',
    'GET',
    'https://kv-shop.vault.azure.net/secrets/db-password/?api-version=7',
    'read secret db-password of vault kv-shop',
  ],
  ['vault', 'GET', 'https://kv-shop.vault.azure.net/secrets', 'list secrets of vault kv-shop'],
  ['kubernetes', 'GET', `${cluster}/version`, 'read the version'],
  ['kubernetes', 'GET', `${cluster}/api/v1/namespaces/shop`, 'read namespace shop'],
  [
    'kubernetes',
    'GET',
    `${cluster}/api/v1/namespaces/shop/serviceaccounts/checkout`,
    'read service account shop/checkout',
  ],
  [
    'kubernetes',
    'PATCH',
    `${cluster}/apis/apps/v1/namespaces/shop/deployments/web`,
    'change deployment shop/web',
  ],
  ['kubernetes', 'GET', `${cluster}/api/v1/pods`, 'list pods'],
  [
    'kubernetes',
    'GET',
    `${cluster}/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies`,
    'list network policies',
  ],
  [
    'kubernetes',
    'POST',
    `${cluster}/apis/authorization.k8s.io/v1/selfsubjectaccessreviews`,
    'check permissions',
  ],
  ['entra', 'POST', `${login}/oauth2/v2.0/token`, 'request a token'],
  ['entra', 'GET', `${login}/v2.0/.well-known/openid-configuration`, 'read the sign-in endpoints'],
  [
    'network',
    'GET',
    'https://issuer.example/.well-known/openid-configuration',
    'read the discovery document',
  ],
  ['network', 'GET', 'https://issuer.example/openid/v1/jwks', 'read the key set'],
]

for (const [service, method, url, operation] of cases)
  test(`${method} ${url} is: ${operation}`, () => assert.equal(operationOf(service, method, url), operation))

test('the address of a request has no query and no credentials', () => {
  assert.equal(resourceOf('https://user:pw@kv.example/secrets/a?sig=1#b'), 'https://kv.example/secrets/a')
})
