import { parse, stringify } from 'yaml'
import type { Reply } from '../../http.ts'
import { aksServerApplication } from '../../kube/auth/entra-users.ts'
import { kubeconfig } from '../../kube/clusters.ts'
import { AksError, notFound } from '../errors.ts'
import type { ArmRequest } from '../request.ts'
import { findResource } from '../resources/resources.ts'

const clientApplication = '80faf920-1908-4b52-b5ef-a8e7bedfc67a'

/** The user of a cluster with Microsoft Entra sign-in before kubelogin: kubectl 1.26 and later reject it. */
const authProvider = (tenantId: string) => ({
  'auth-provider': {
    config: {
      'apiserver-id': aksServerApplication,
      'client-id': clientApplication,
      'config-mode': '1',
      environment: 'AzurePublicCloud',
      'tenant-id': tenantId,
    },
    name: 'azure',
  },
})

/** The user of a cluster with Microsoft Entra sign-in, who gets the tokens from kubelogin. */
function kubelogin(tenantId: string) {
  const args = [
    'get-token',
    '--environment',
    'AzurePublicCloud',
    '--server-id',
    aksServerApplication,
    '--client-id',
    clientApplication,
    '--tenant-id',
    tenantId,
    '--login',
    'devicecode',
  ]
  return {
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      args,
      command: 'kubelogin',
      env: null,
      installHint:
        '\nkubelogin is not installed which is required to connect to AAD enabled cluster.\n\nTo learn more, please go to https://aka.ms/aks/kubelogin\n',
      provideClusterInfo: false,
    },
  }
}

function withUser(text: string, user: object): string {
  const config = parse(text) as { users: { user: object }[] }
  config.users[0]!.user = user
  return stringify(config, { lineWidth: 0 })
}

/** `POST …/listCluster{User,Admin}Credential`. The `format` (exec or azure) matters only on clusters with Entra. */
export const listCredentials =
  (kind: 'User' | 'Admin') =>
  ({ simulator, id, call }: ArmRequest): Reply => {
    const cluster = findResource(simulator, id.replace(/\/[^/]+$/, ''))
    if (!cluster) throw notFound(id)
    const { name, properties } = cluster.body
    const group = cluster.body.id.split('/')[4]!
    const fqdn = String(properties.fqdn)
    if (properties.provisioningState === 'Creating' || !simulator.state.clusters[fqdn.toLowerCase()])
      throw new AksError(
        409,
        'OperationNotAllowed',
        `The credentials of managed cluster ${name} are not available while it is being created.`,
      )
    if (kind === 'Admin' && properties.disableLocalAccounts === true)
      throw new AksError(
        400,
        'BadRequest',
        'Getting static credential is not allowed because this cluster is set to disable local accounts. For more details, see https://learn.microsoft.com/en-us/azure/aks/manage-local-accounts-managed-azure-ad',
      )
    const server = call.query('server-fqdn')
    if (server && ![fqdn, properties.privateFQDN, 'public', 'private'].includes(server))
      throw new AksError(
        400,
        'InvalidParameter',
        `The value of parameter server-fqdn is invalid: '${server}' is not an address of managed cluster ${name}.`,
        { target: 'server-fqdn' },
      )
    const text = kubeconfig(simulator, fqdn, {
      context: kind === 'Admin' ? `${name}-admin` : name,
      user: `cluster${kind}_${group}_${name}`,
    })
    const entra = kind === 'User' && (properties.aadProfile as { managed?: boolean } | undefined)?.managed
    const user = call.query('format')?.toLowerCase() === 'azure' ? authProvider : kubelogin
    const value = entra ? withUser(text, user(simulator.state.tenant.id)) : text
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: { kubeconfigs: [{ name: `cluster${kind}`, value: Buffer.from(value).toString('base64') }] },
    }
  }
