import type { TokenCredential } from '@azure/core-auth'
import type { User } from '@kubernetes/client-node'

/** Login modes of kubelogin that sign in as the user; the others use a different identity. */
const userLogins = new Set([undefined, 'devicecode', 'azurecli', 'interactive', 'azd'])

function argument(args: string[], name: string): string | undefined {
  const index = args.findIndex((each) => each === name || each.startsWith(`${name}=`))
  if (index < 0) return undefined
  return args[index]!.includes('=') ? args[index]!.slice(name.length + 1) : args[index + 1]
}

/**
 * Returns the user of an Entra-integrated cluster with a token of our credential, so that kubelogin is not needed;
 * undefined for any other user.
 */
export async function entraUser(user: User, credential: TokenCredential): Promise<User | undefined> {
  const server = entraServer(user)
  if (!server) return undefined
  const { serverId, tenantId } = server
  const token = await credential.getToken(`${serverId}/.default`, tenantId ? { tenantId } : {})
  return token ? { name: user.name, token: token.token } : undefined
}

function entraServer(user: User): { serverId: string; tenantId: string | undefined } | undefined {
  const { exec, authProvider } = user
  if (exec && /(^|[\\/])kubelogin(\.exe)?$/.test(exec.command ?? '')) {
    const args: string[] = exec.args ?? []
    const serverId = argument(args, '--server-id')
    const login = argument(args, '--login') ?? argument(args, '-l')
    if (serverId && userLogins.has(login)) return { serverId, tenantId: argument(args, '--tenant-id') }
  }
  // The format before kubelogin.
  const config = authProvider?.name === 'azure' ? authProvider.config : undefined
  return config?.['apiserver-id'] && { serverId: config['apiserver-id'], tenantId: config['tenant-id'] }
}
