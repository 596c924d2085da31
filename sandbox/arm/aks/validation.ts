import type { Call } from '../../http.ts'
import { AksError } from '../errors.ts'
import { commonMembers, type Shape } from '../request-body.ts'
import type { Resource } from '../state.ts'
import { minorOrder } from './kubernetes-versions.ts'

export interface Pool extends Record<string, unknown> {
  name: string
  count: number
  mode?: string
  osType?: string
  vmSize?: string
}

export interface ClusterProperties extends Record<string, unknown> {
  dnsPrefix?: string
  fqdnSubdomain?: string
  fqdn?: string
  kubernetesVersion?: string
  currentKubernetesVersion?: string
  agentPoolProfiles?: Pool[]
  oidcIssuerProfile?: { enabled?: boolean; issuerURL?: string } | null
  securityProfile?: ({ workloadIdentity?: { enabled?: boolean } | null } & Record<string, unknown>) | null
  powerState?: { code: string }
  nodeResourceGroup?: string
}

export interface ClusterBody {
  location?: string
  tags?: Record<string, string>
  sku?: { name?: string; tier?: string }
  kind?: string
  identity?: { type?: string; userAssignedIdentities?: Record<string, unknown> }
  properties?: ClusterProperties
}

export const clusterShape: Shape = {
  ...commonMembers,
  sku: { name: 'string', tier: 'string' },
  identity: { type: 'string', userAssignedIdentities: { '*': 'object' } },
  properties: {
    dnsPrefix: 'string',
    fqdnSubdomain: 'string',
    kubernetesVersion: 'string',
    nodeResourceGroup: 'string',
    supportPlan: 'string',
    disableLocalAccounts: 'boolean',
    agentPoolProfiles: [
      {
        name: 'string',
        count: 'number',
        mode: 'string',
        osType: 'string',
        vmSize: 'string',
        orchestratorVersion: 'string',
      },
    ],
    oidcIssuerProfile: { enabled: 'boolean' },
    securityProfile: { workloadIdentity: { enabled: 'boolean' } },
    aadProfile: { managed: 'boolean', enableAzureRBAC: 'boolean', adminGroupObjectIDs: ['string'] },
    apiServerAccessProfile: { enablePrivateCluster: 'boolean', authorizedIPRanges: ['string'] },
  },
}

export const invalid = (parameter: string, why: string) =>
  new AksError(
    400,
    'InvalidParameter',
    `The value of parameter ${parameter} is invalid. Error details: ${why} Please see https://aka.ms/aks-naming-rules for more details.`,
    { target: parameter },
  )

const requireOneOf = (parameter: string, value: string | undefined, values: string[]) => {
  if (value && !values.some((each) => each.toLowerCase() === value.toLowerCase()))
    throw invalid(parameter, `'${value}' is none of ${values.join(', ')}.`)
}

export function checkPools(pools: Pool[]): void {
  const seen = new Set<string>()
  for (const { name, count, osType, mode } of pools) {
    const windows = osType?.toLowerCase() === 'windows'
    if (typeof name !== 'string' || !(windows ? /^[a-z][a-z0-9]{0,5}$/ : /^[a-z][a-z0-9]{0,11}$/).test(name))
      throw invalid(
        'agentPoolProfile.name',
        `Agent pool name '${name}' must begin with a lower-case letter, contain only lower-case letters and digits, and have at most ${windows ? 6 : 12} characters.`,
      )
    if (seen.has(name)) throw invalid('agentPoolProfiles', `Agent pool name '${name}' is not unique.`)
    seen.add(name)
    requireOneOf('agentPoolProfile.mode', mode, ['System', 'User', 'Gateway'])
    requireOneOf('agentPoolProfile.osType', osType, ['Linux', 'Windows'])
    const minimum = mode?.toLowerCase() === 'user' ? 0 : 1
    if (!Number.isInteger(count) || count < minimum || count > 1000)
      throw invalid('agentPoolProfile.count', `The count ${count} must be between ${minimum} and 1000.`)
  }
  if (!pools.some(({ mode, osType }) => mode === 'System' && osType !== 'Windows'))
    throw invalid('agentPoolProfiles', 'Must define at least one system pool.')
}

/** Checks a request body; `properties` are complete. Throws `AksError`. */
export function checkCluster(name: string, input: ClusterBody, properties: ClusterProperties): void {
  if (!/^[a-z0-9]([-_a-z0-9]{0,61}[a-z0-9])?$/i.test(name))
    throw invalid(
      'name',
      `The managed cluster name '${name}' must have 1 to 63 letters, digits, '-' and '_'.`,
    )
  requireOneOf('sku.name', input.sku?.name, ['Base', 'Automatic'])
  requireOneOf('sku.tier', input.sku?.tier, ['Free', 'Standard', 'Premium'])
  requireOneOf('identity.type', input.identity?.type, ['SystemAssigned', 'UserAssigned', 'None'])
  const prefix = properties.dnsPrefix || properties.fqdnSubdomain
  if (!prefix) throw invalid('dnsPrefix', 'Either dnsPrefix or fqdnSubdomain is required.')
  if (!/^[a-z0-9]([-a-z0-9]{0,52}[a-z0-9])?$/i.test(prefix))
    throw invalid('dnsPrefix', `DNS prefix '${prefix}' must have 1 to 54 letters, digits and '-'.`)
  if (String(properties.nodeResourceGroup ?? '').length > 80)
    throw invalid('nodeResourceGroup', 'The name must have at most 80 characters.')
  checkPools(properties.agentPoolProfiles ?? [])
}

/** Throws if workload identity is enabled without the OIDC issuer. */
export function checkWorkloadIdentity({ oidcIssuerProfile, securityProfile }: ClusterProperties): void {
  if (securityProfile?.workloadIdentity?.enabled === true && oidcIssuerProfile?.enabled !== true)
    throw new AksError(
      400,
      'InvalidParameter',
      'Workload identity requires the OIDC issuer: set oidcIssuerProfile.enabled to true as well.',
      { target: 'securityProfile.workloadIdentity' },
    )
}

/** Throws if the add-on is enabled on a real cluster, in which the sandbox installs nothing. */
export function rejectAddon({ securityProfile }: ClusterProperties): void {
  if (securityProfile?.workloadIdentity?.enabled === true)
    throw new AksError(
      400,
      'BadRequest',
      'This managed cluster is a real cluster, in which the sandbox cannot install the workload identity add-on: install the webhook with Helm.',
      { target: 'securityProfile.workloadIdentity' },
    )
}

/** Throws if an update changes what can't be changed. */
export function checkChange(input: ClusterProperties, current: ClusterProperties): void {
  if (current.oidcIssuerProfile?.enabled && input.oidcIssuerProfile?.enabled === false)
    throw new AksError(400, 'OIDCIssuerFeatureCannotBeDisabled', 'OIDC issuer feature cannot be disabled.')
  for (const name of ['dnsPrefix', 'fqdnSubdomain', 'nodeResourceGroup'] as const)
    if (input[name] && input[name] !== current[name])
      throw new AksError(400, 'PropertyChangeNotAllowed', `Changing property '${name}' is not allowed.`, {
        target: name,
      })
  const [from, to] = [current.currentKubernetesVersion ?? '', input.kubernetesVersion || '']
  if (to && minorOrder(to) < minorOrder(from))
    throw new AksError(
      400,
      'InvalidParameter',
      `Downgrading the Kubernetes version from ${from} to ${to} is not allowed.`,
      { target: 'kubernetesVersion' },
    )
  if (to && minorOrder(to) > minorOrder(from) + 1)
    throw new AksError(
      400,
      'InvalidParameter',
      `Upgrading Kubernetes version ${from} to ${to} is not allowed: minor versions cannot be skipped.`,
      { target: 'kubernetesVersion' },
    )
}

const unquote = (tag: string) => tag.trim().replace(/^W\//, '').replace(/^"|"$/g, '')

/** Checks `If-Match` and `If-None-Match` against the cluster's eTag. Throws 412. */
export function checkPreconditions({ headers }: Call, cluster: Resource | undefined): void {
  const eTag = String(cluster?.body.eTag)
  const matches = (tags: string) =>
    cluster !== undefined && tags.split(',').some((tag) => unquote(tag) === '*' || unquote(tag) === eTag)
  const [match, noneMatch] = [headers['if-match'], headers['if-none-match']]
  if ((match && !matches(match)) || (noneMatch && matches(noneMatch)))
    throw new AksError(
      412,
      'PreconditionFailed',
      cluster
        ? `The precondition on the eTag was not met: the managed cluster has eTag '${eTag}'.`
        : 'The precondition on the eTag was not met: the managed cluster does not exist.',
    )
}
