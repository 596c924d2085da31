import type { Apis, JsonObject } from './apis.ts'
import { parseArgs } from './parse-args.ts'

const aks = ({ 'resource-group': group, name }: Record<string, string>) =>
  `/resourceGroups/${group}/providers/Microsoft.ContainerService/managedClusters/${name}`

/** Vault commands name the vault alone: az looks for its group. */
async function vaultNamed({ arm }: Apis, name: string): Promise<JsonObject> {
  const { value } = await arm('GET', '/providers/Microsoft.KeyVault/vaults')
  return (value as JsonObject[]).find((each) => each.name.toLowerCase() === name.toLowerCase())!
}

const below = (id: string) => id.replace(/^\/subscriptions\/[^/]+/i, '')

/** The requests that az sends for the few commands that remedies use. */
const commands: Record<string, (options: Record<string, string>, to: Apis) => Promise<unknown>> = {
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
  'ad sp update': (options, { graph }) => {
    const [field, value] = options.set!.split('=')
    return graph('PATCH', `/servicePrincipals(appId='${options.id}')`, { [field!]: value === 'true' })
  },
  'ad app federated-credential delete': async (options, { graph }) => {
    // An object id or a client id.
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
    arm('DELETE', `${below(options.ids!)}?api-version=2022-04-01`),
  'role assignment create': async (options, { arm }) => {
    const scope = below(options.scope!)
    const at = `${scope}/providers/Microsoft.Authorization`
    const filter = `$filter=${encodeURIComponent(`roleName eq '${options.role}'`)}`
    const { value } = await arm('GET', `${at}/roleDefinitions?api-version=2022-04-01&${filter}`)
    await arm('PUT', `${at}/roleAssignments/${crypto.randomUUID()}?api-version=2022-04-01`, {
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
    await arm('POST', `${below(found.id)}/purge`)
  },
  'keyvault update': async (options, to) => {
    const { id } = await vaultNamed(to, options.name!)
    const access = options['public-network-access']
    await to.arm('PATCH', below(id), {
      properties: {
        ...(access ? { publicNetworkAccess: access } : {}),
        ...(options['enable-purge-protection'] ? { enablePurgeProtection: true } : {}),
      },
    })
  },
  'keyvault set-policy': async (options, to) => {
    const { id, properties } = await vaultNamed(to, options.name!)
    const accessPolicies = (properties.accessPolicies as JsonObject[]).map((each) =>
      each.objectId === options['object-id']
        ? {
            ...each,
            permissions: { ...each.permissions, secrets: options['secret-permissions']!.split(' ') },
          }
        : each,
    )
    await to.arm('PATCH', below(id), { properties: { accessPolicies } })
  },
  'keyvault network-rule add': async (options, to) => {
    const { id, properties } = await vaultNamed(to, options.name!)
    const { networkAcls } = properties
    const ipRules = [...(networkAcls.ipRules ?? []), { value: options['ip-address'] }]
    await to.arm('PATCH', below(id), { properties: { networkAcls: { ...networkAcls, ipRules } } })
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

export async function emulateAz(args: string[], to: Apis): Promise<string> {
  const { words, options } = parseArgs(
    args,
    ['enable-oidc-issuer', 'enable-workload-identity', 'wait', 'yes'],
    ['secret-permissions'],
  )
  const command = commands[words.join(' ')]
  if (!command) throw new Error(`No such az here: ${args.join(' ')}`)
  await command(options, to)
  return ''
}
