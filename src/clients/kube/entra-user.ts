import type { TokenCredential } from '@azure/core-auth'
import type { User } from '@kubernetes/client-node'
import { aksServerApplication } from '../audiences.ts'
import type { Cloud } from '../cloud.ts'
import { ServiceError } from '../service-error.ts'

/** Login modes of kubelogin that sign in as the user; the others use a different identity. */
const userLogins = new Set([undefined, 'devicecode', 'azurecli', 'interactive', 'azd'])

/** Azure services that a kubeconfig could name in place of an API server, by their application IDs. */
const azureApplications: Record<string, string> = {
  '797f4846-ba00-4fd7-ba43-dac1f8f63013': 'Azure Resource Manager',
  '00000003-0000-0000-c000-000000000000': 'Microsoft Graph',
  'cfa8b339-82a2-471a-a3c9-0fc0be7a4093': 'Key Vault',
  'e406a681-f3d4-42a8-90b6-c2b029497af1': 'Azure Storage',
}

function argument(args: string[], name: string): string | undefined {
  const index = args.findIndex((each) => each === name || each.startsWith(`${name}=`))
  if (index < 0) return undefined
  return args[index]!.includes('=') ? args[index]!.slice(name.length + 1) : args[index + 1]
}

/** Returns whether the address is in the domain of the cloud's AKS API servers. */
export function isAksServer(cloud: Cloud, server: string): boolean {
  const { protocol, host } = new URL(server)
  return protocol === 'https:' && `.${host.replace(/:443$/, '')}`.endsWith(`.${cloud.clusterSuffix}`)
}

/**
 * Returns the user of an Entra-integrated AKS cluster with a token of our credential, so that kubelogin is not needed;
 * undefined for any other user, who keeps the kubeconfig's own sign-in program. The kubeconfig can't choose what the
 * token is for: `isAks` is false if neither ARM nor the server's address says that this is an AKS cluster.
 */
export async function entraUser(
  user: User,
  { credential, isAks }: { credential: TokenCredential; isAks: boolean },
): Promise<User | undefined> {
  const server = entraServer(user)
  if (!server) return undefined
  requireApiServer(user, server.serverId)
  const { serverId, tenantId, isUser } = server
  if (!isAks || !isUser || serverId.toLowerCase() !== aksServerApplication) return undefined
  const token = await credential.getToken(`${aksServerApplication}/.default`, tenantId ? { tenantId } : {})
  return token ? { name: user.name, token: token.token } : undefined
}

function entraServer(
  user: User,
): { serverId: string; tenantId: string | undefined; isUser: boolean } | undefined {
  const { exec, authProvider } = user
  if (exec && /(^|[\\/])kubelogin(\.exe)?$/.test(exec.command ?? '')) {
    const args: string[] = exec.args ?? []
    const serverId = argument(args, '--server-id')
    const login = argument(args, '--login') ?? argument(args, '-l')
    if (serverId) return { serverId, tenantId: argument(args, '--tenant-id'), isUser: userLogins.has(login) }
  }
  // The format before kubelogin.
  const config = authProvider?.name === 'azure' ? authProvider.config : undefined
  return (
    config?.['apiserver-id'] && {
      serverId: config['apiserver-id'],
      tenantId: config['tenant-id'],
      isUser: true,
    }
  )
}

/** Throws `ServiceError` with the code `ExecPluginAudience` if the token would open an Azure service. */
function requireApiServer(user: User, serverId: string): void {
  const service = azureApplications[serverId.toLowerCase()]
  if (!service && !/^https?:/i.test(serverId)) return
  throw new ServiceError({
    service: 'kubernetes',
    code: 'ExecPluginAudience',
    message: `The kubeconfig's user "${user.name}" asks for a token for ${service ?? serverId}, which the API server must not get: --server-id must be the ID of the API server's application (AKS: ${aksServerApplication})`,
  })
}
