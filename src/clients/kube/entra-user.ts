import type { TokenCredential } from '@azure/core-auth'
import type { User } from '@kubernetes/client-node'

/** Sign-ins of kubelogin that stand for the person at the keyboard; the others name an identity of their own. */
const asPerson = new Set([undefined, 'devicecode', 'azurecli', 'interactive', 'azd'])

const argument = (args: string[], name: string): string | undefined => {
  const at = args.findIndex((each) => each === name || each.startsWith(`${name}=`))
  if (at < 0) return undefined
  return args[at]!.includes('=') ? args[at]!.slice(name.length + 1) : args[at + 1]
}

/**
 * The user of an Entra-integrated cluster as a plain bearer of our own token, so that no kubelogin is needed;
 * undefined for any other user.
 */
export async function entraUser(user: User, credential: TokenCredential): Promise<User | undefined> {
  const of = serverOf(user)
  if (!of) return undefined
  const token = await credential.getToken(
    `${of.serverId}/.default`,
    of.tenantId ? { tenantId: of.tenantId } : {},
  )
  return token ? { name: user.name, token: token.token } : undefined
}

function serverOf(user: User): { serverId: string; tenantId: string | undefined } | undefined {
  const { exec, authProvider } = user
  if (exec && /(^|[\\/])kubelogin(\.exe)?$/.test(exec.command ?? '')) {
    const args: string[] = exec.args ?? []
    const serverId = argument(args, '--server-id')
    const login = argument(args, '--login') ?? argument(args, '-l')
    if (serverId && asPerson.has(login)) return { serverId, tenantId: argument(args, '--tenant-id') }
  }
  // The form before kubelogin.
  const config = authProvider?.name === 'azure' ? authProvider.config : undefined
  return config?.['apiserver-id'] && { serverId: config['apiserver-id'], tenantId: config['tenant-id'] }
}
