import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ActionRequiredError } from '../../../src/base/action-required.ts'
import { ServiceError, type ServiceName } from '../../../src/clients/service-error.ts'
import { explanations } from '../../../src/explain/find-explanation.ts'
import { explained as explain } from '../../support/remedies.ts'

const thrown = (service: ServiceName, code: string, message: string, innerCode?: string) =>
  explain(new ServiceError({ service, code, message, innerCode, requestId: 'r-1' }))

test('no text has a leftover placeholder if the message has no values', () => {
  for (const { codes, services, message } of explanations)
    if (!message) {
      const { what, remedy } = thrown(services?.[0] ?? 'arm', codes[0]!, '-')
      for (const text of [what, remedy]) {
        assert.doesNotMatch(text, /\{\w+[|}]|\]\[| {2}|undefined| $/, codes[0])
        assert.ok(text.length > 0)
      }
    }
})

test('AuthorizationFailed is explained with client, action, role and command', () => {
  const scope = '/subscriptions/5/resourceGroups/rg-shop/providers/Microsoft.KeyVault/vaults/kv-shop'
  const { what, remedy } = thrown(
    'arm',
    'AuthorizationFailed',
    `The client 'jo@contoso.com' with object id '11111111-2222-4333-8444-555555555555' does not have authorization to perform action 'Microsoft.Authorization/roleAssignments/write' over scope '${scope}/providers/Microsoft.Authorization/roleAssignments/6d1e' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  )
  assert.match(
    what,
    /jo@contoso\.com is not authorized to perform Microsoft\.Authorization\/roleAssignments\/write/,
  )
  assert.match(what, /"Role Based Access Control Administrator"/)
  assert.equal(
    remedy,
    `az role assignment create --role 'Role Based Access Control Administrator' --assignee-object-id 11111111-2222-4333-8444-555555555555 --assignee-principal-type User --scope ${scope}`,
  )
})

test('the role for creating a resource group is assigned on the subscription', () => {
  const { remedy } = thrown(
    'arm',
    'AuthorizationFailed',
    "The client '6f1f3b8a-0000-4000-8000-000000000000' with object id '77777777-0000-4000-8000-000000000000' does not have authorization to perform action 'Microsoft.Resources/subscriptions/resourceGroups/write' over scope '/subscriptions/5/resourceGroups/rg-shop' or the scope is invalid.",
  )
  assert.equal(
    remedy,
    'az role assignment create --role Contributor --assignee-object-id 77777777-0000-4000-8000-000000000000 --assignee-principal-type ServicePrincipal --scope /subscriptions/5',
  )
})

test('a value that is not of its kind does not get into a command', () => {
  const { remedy } = thrown(
    'arm',
    'AuthorizationFailed',
    "The client 'x' with object id '$(rm -rf ~)' does not have authorization to perform action 'A/b/write' over scope '/subscriptions/5' or the scope is invalid.",
  )
  assert.match(remedy, /--assignee-object-id … /)
})

test('the fix for an Entra error names the workload', () => {
  const { what, remedy } = thrown(
    'entra',
    'AADSTS700213',
    "No matching federated identity record found for presented assertion subject 'system:serviceaccount:shop:checkout'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion.",
  )
  assert.match(what, /subject system:serviceaccount:shop:checkout$/)
  assert.equal(remedy, 'wi-setup federate --namespace shop --service-account checkout')
})

test('the fix for an unknown AADSTS code is a link to its page', () => {
  const { what, remedy } = thrown('entra', 'AADSTS999999', 'Something new.')
  assert.equal(what, 'Something new.')
  assert.equal(remedy, 'Look up the code at https://login.microsoftonline.com/error?code=999999')
})

test('a Key Vault error is explained by its inner code', () => {
  const message = [
    'Caller is not authorized to perform action on resource.',
    'If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.',
    'Caller: appid=aaaaaaaa-0000-4000-8000-000000000000;oid=bbbbbbbb-0000-4000-8000-000000000000;iss=https://sts.windows.net/t/',
    "Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'",
    "Resource: '/subscriptions/5/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-shop/secrets/n'",
    'Assignment: (not found)',
    'Vault: kv-shop;location=eastus',
  ].join('\r\n')
  const { code, what, remedy } = thrown('vault', 'Forbidden', message, 'ForbiddenByRbac')
  assert.equal(code, 'ForbiddenByRbac')
  assert.match(what, /^The vault kv-shop uses Azure RBAC, and bbbbbbbb-/)
  assert.match(
    remedy,
    /--role 'Key Vault Secrets User' --assignee-object-id bbbbbbbb-\S+ .* --scope \/subscriptions\/5\/resourcegroups\/rg\/providers\/microsoft\.keyvault\/vaults\/kv-shop$/,
  )
  assert.equal(thrown('vault', 'Forbidden', message).what, what, 'also without the inner code')
})

test('access policies, the firewall and soft-deleted secrets are explained', () => {
  assert.equal(
    thrown(
      'vault',
      'Forbidden',
      "The user, group or application 'appid=a;oid=bbbbbbbb-0000-4000-8000-000000000000;iss=https://sts.windows.net/t/' does not have secrets get permission on key vault 'kv-shop;location=eastus'. For help",
      'AccessDenied',
    ).remedy,
    'az keyvault set-policy --name kv-shop --object-id bbbbbbbb-0000-4000-8000-000000000000 --secret-permissions get list',
  )
  assert.equal(
    thrown(
      'vault',
      'Forbidden',
      'Client address is not authorized and caller is not a trusted service.\r\nClient address: 1.2.3.4\r\nCaller: appid=a\r\nVault: kv-shop;location=eastus',
      'ForbiddenByFirewall',
    ).remedy,
    'az keyvault network-rule add --name kv-shop --ip-address 1.2.3.4',
  )
  assert.equal(
    thrown(
      'vault',
      'Conflict',
      'Secret db is currently in a deleted but recoverable state, and its name cannot be reused',
      'ObjectIsDeletedButRecoverable',
    ).remedy,
    'wi-setup vault --secret db',
  )
})

test('a Kubernetes Forbidden names the user, the permission and the command that grants it', () => {
  const { what, remedy } = thrown(
    'kubernetes',
    'Forbidden',
    'serviceaccounts "api" is forbidden: User "jo" cannot patch resource "serviceaccounts" in API group "" in the namespace "shop"',
  )
  assert.equal(what, 'The cluster does not allow jo to patch serviceaccounts in the namespace shop')
  assert.equal(
    remedy,
    'kubectl create role wi-setup --verb=patch --resource=serviceaccounts --namespace=shop && kubectl create rolebinding wi-setup --role=wi-setup --user=jo --namespace=shop',
  )
  assert.match(
    thrown(
      'kubernetes',
      'Forbidden',
      'x is forbidden: User "system:serviceaccount:ci:bot" cannot get resource "mutatingwebhookconfigurations" in API group "admissionregistration.k8s.io" at the cluster scope',
    ).remedy,
    /^kubectl create clusterrole wi-setup --verb=get --resource=mutatingwebhookconfigurations\.admissionregistration\.k8s\.io && kubectl create clusterrolebinding wi-setup --clusterrole=wi-setup --serviceaccount=ci:bot$/,
  )
})

test('an apply conflict names the field and its manager', () => {
  const { what } = thrown(
    'kubernetes',
    'Conflict',
    'Apply failed with 1 conflict: conflict with "kubectl-annotate" using v1: .metadata.annotations.azure.workload.identity/client-id',
  )
  assert.match(what, /client-id is managed by kubectl-annotate/)
})

test('a quota error has the numbers, and a busy cluster its operation', () => {
  assert.match(
    thrown(
      'arm',
      'ErrCode_InsufficientVCPUQuota',
      'Insufficient regional vcpu quota left for location westus2. left regional vcpu quota 4, requested quota 6.',
    ).what,
    /in westus2 is too small: 4 available, 6 required/,
  )
  assert.match(
    thrown(
      'arm',
      'OperationNotAllowed',
      "Operation is not allowed because there's an in progress update managed cluster operation (operation ID: 7) on the cluster",
    ).what,
    /update managed cluster/,
  )
})

test('our own errors keep their texts; other errors suggest --debug', () => {
  assert.deepEqual(explain(new ActionRequiredError('No', 'Do this')), {
    code: 'Refused',
    what: 'No',
    why: [],
    remedy: 'Do this',
    original: undefined,
    trace: undefined,
  })
  assert.match(explain(new TypeError('x is not a function')).remedy, /--debug/)
  for (const odd of [undefined, null, 'text', 7, {}, { message: '' }]) assert.ok(explain(odd).what)
})

test('NoCredential suggests az login, whatever the credential libraries reported', () => {
  const { remedy, what } = explain(
    new ServiceError({
      service: 'entra',
      code: 'NoCredential',
      message: "Nobody is signed in. Tried: Azure CLI: Please run 'az login' from a command prompt.",
    }),
  )
  assert.match(remedy, /^az login/)
  assert.doesNotMatch(what, /program/)
})

test('a plain error is explained by its code or its message', () => {
  assert.equal(
    explain(Object.assign(new Error('getaddrinfo ENOTFOUND kv.vault.azure.net'), { code: 'ENOTFOUND' })).what,
    'The host name kv.vault.azure.net does not resolve',
  )
  assert.match(explain(new Error('invalid_client: AADSTS7000222: The provided …')).what, /has expired/)
})

test('tokens are redacted', () => {
  const { what, original } = thrown(
    'arm',
    'Odd',
    'got eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl back',
  )
  assert.equal(what, 'got (token) back')
  assert.equal(original, undefined)
})
