import type { Apis, JsonObject } from './apis.ts'
import { parseArgs } from './parse-args.ts'

const aks = ({ 'resource-group': group, name }: Record<string, string>) =>
  `/resourceGroups/${group}/providers/Microsoft.ContainerService/managedClusters/${name}`

/** Vault commands don't take a resource group, so az looks it up. */
async function findVault({ arm }: Apis, name: string): Promise<JsonObject> {
  const { value } = await arm('GET', '/providers/Microsoft.KeyVault/vaults')
  return (value as JsonObject[]).find((each) => each.name.toLowerCase() === name.toLowerCase())!
}

const relativePath = (id: string) => id.replace(/^\/subscriptions\/[^/]+/i, '')

/** Sends the requests of az for the commands in remedies. */
const commands: Record<string, (options: Record<string, string>, apis: Apis) => Promise<unknown>> = {
  'aks start': (options, { arm }) => arm('POST', `${aks(options)}/start`),
  async 'aks update'(options, { arm }) {
    const found = await arm('GET', aks(options))
    if (options['enable-oidc-issuer']) found.properties.oidcIssuerProfile = { enabled: true }
    if (options['enable-workload-identity'])
      found.properties.securityProfile = {
        ...found.properties.securityProfile,
        workloadIdentity: { enabled: true },
      }
    await arm('PUT', aks(options), found)
  },
  'aks identity-binding create': (options, { arm }) =>
    arm('PUT', `${aks({ ...options, name: options['cluster-name']! })}/identityBindings/${options.name}`, {
      properties: { managedIdentity: { resourceId: options['managed-identity-resource-id'] } },
    }),
  'ad sp update': (options, { graph }) => {
    const [field, value] = options.set!.split('=')
    return graph('PATCH', `/servicePrincipals(appId='${options.id}')`, { [field!]: value === 'true' })
  },
  'ad app federated-credential delete': async (options, { graph }) => {
    // --id is an object ID or a client ID.
    const { value } = await graph('GET', `/applications?$filter=appId eq '${options.id}'`)
    const id = (value as JsonObject[])[0]?.id ?? options.id
    await graph(
      'DELETE',
      `/applications/${id}/federatedIdentityCredentials/${options['federated-credential-id']}`,
    )
  },
  'identity federated-credential delete': (options, { arm }) =>
    arm(
      'DELETE',
      `/resourceGroups/${options['resource-group']}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${options['identity-name']}/federatedIdentityCredentials/${options.name}`,
    ),
  'ad app credential delete': async (options, { graph }) => {
    await graph('POST', `/applications(appId='${options.id}')/removePassword`, { keyId: options['key-id'] })
  },
  'ad app owner remove': (options, { graph }) =>
    graph('DELETE', `/applications(appId='${options.id}')/owners/${options['owner-object-id']}/$ref`),
  rest: (options, { graph }) => graph(options.method!.toUpperCase(), options.url!.replace(/^.*\/v1\.0/, '')),
  'role assignment delete': (options, { arm }) =>
    arm('DELETE', `${relativePath(options.ids!)}?api-version=2022-04-01`),
  'role assignment create': async (options, { arm }) => {
    const scope = relativePath(options.scope!)
    const authorization = `${scope}/providers/Microsoft.Authorization`
    const filter = `$filter=${encodeURIComponent(`roleName eq '${options.role}'`)}`
    const { value } = await arm('GET', `${authorization}/roleDefinitions?api-version=2022-04-01&${filter}`)
    await arm('PUT', `${authorization}/roleAssignments/${crypto.randomUUID()}?api-version=2022-04-01`, {
      properties: {
        roleDefinitionId: (value as JsonObject[])[0]!.id,
        principalId: options['assignee-object-id'],
        principalType: options['assignee-principal-type'],
      },
    })
  },
  'provider register': (options, { arm }) => arm('POST', `/providers/${options.namespace}/register`),
  'keyvault purge': async (options, { arm }) => {
    const { value } = await arm('GET', '/providers/Microsoft.KeyVault/deletedVaults')
    const found = (value as JsonObject[]).find((each) => each.name === options.name)!
    await arm('POST', `${relativePath(found.id)}/purge`)
  },
  'keyvault update': async (options, apis) => {
    const { id } = await findVault(apis, options.name!)
    const access = options['public-network-access']
    await apis.arm('PATCH', relativePath(id), {
      properties: {
        ...(access ? { publicNetworkAccess: access } : {}),
        ...(options['enable-purge-protection'] ? { enablePurgeProtection: true } : {}),
      },
    })
  },
  'keyvault set-policy': async (options, apis) => {
    const { id, properties } = await findVault(apis, options.name!)
    const accessPolicies = (properties.accessPolicies as JsonObject[]).map((each) =>
      each.objectId === options['object-id']
        ? {
            ...each,
            permissions: { ...each.permissions, secrets: options['secret-permissions']!.split(' ') },
          }
        : each,
    )
    await apis.arm('PATCH', relativePath(id), { properties: { accessPolicies } })
  },
  'keyvault network-rule add': async (options, apis) => {
    const { id, properties } = await findVault(apis, options.name!)
    const { networkAcls } = properties
    const ipRules = [...(networkAcls.ipRules ?? []), { value: options['ip-address'] }]
    await apis.arm('PATCH', relativePath(id), { properties: { networkAcls: { ...networkAcls, ipRules } } })
  },
  'keyvault secret set-attributes': (options, { vault }) => {
    const seconds = (text: string | undefined) =>
      text === undefined ? {} : Math.floor(Date.parse(text) / 1000)
    return vault(options['vault-name']!)('PATCH', `/secrets/${options.name}`, {
      attributes: {
        ...(options.enabled ? { enabled: options.enabled === 'true' } : {}),
        ...(options.expires ? { exp: seconds(options.expires) } : {}),
        ...(options['not-before'] ? { nbf: seconds(options['not-before']) } : {}),
      },
    })
  },
}

export async function emulateAz(args: string[], apis: Apis): Promise<string> {
  const { positionals, options } = parseArgs(
    args,
    ['enable-oidc-issuer', 'enable-workload-identity', 'wait', 'yes'],
    ['secret-permissions'],
  )
  const command = commands[positionals.join(' ')]
  if (!command) throw new Error(`az command not emulated: ${args.join(' ')}`)
  await command(options, apis)
  return ''
}
