/** Returns what is wrong with a value, to follow `--vault "x"` in an error; undefined for a valid one. */
export type ValueRule = (value: string) => string | undefined

const matching =
  (pattern: RegExp, fault: string): ValueRule =>
  (value) =>
    pattern.test(value) ? undefined : fault

const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export const isGuid = (value: string) => guidPattern.test(value)

function isIssuerUrl(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, search, hash, username, host } = new URL(value)
  return (
    protocol === 'https:' &&
    !search &&
    !hash &&
    !username &&
    /^[\x21-\x7e]{1,600}$/.test(value) &&
    host !== ''
  )
}

const isPlain = (value: string) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to reject
  value.length > 0 && value.length <= 4096 && !/[\u0000-\u001f\u007f]/.test(value)

const resourceIdPattern = (type: string) =>
  new RegExp(
    `^/subscriptions/[-\\da-f]{36}/resourceGroups/[-\\w.()]{1,90}/providers/${type.replaceAll('.', '\\.')}/([^/]+)$`,
    'i',
  )

/** Accepts a name that follows the rule, and the ID of a resource of this type whose name does. */
const nameOrId = (type: string, rule: ValueRule): ValueRule => {
  const pattern = resourceIdPattern(type)
  return (value) => {
    if (!value.startsWith('/')) return rule(value)
    const [, name] = pattern.exec(value) ?? []
    return name !== undefined && rule(name) === undefined
      ? undefined
      : `is not the resource ID of such a resource\n  /subscriptions/<id>/resourceGroups/<group>/providers/${type}/<name>`
  }
}

/** The naming rules of Azure and Kubernetes, checked before any request. */
export const valueRules = {
  guid: matching(guidPattern, 'is not a valid ID\n  8-4-4-4-12 hexadecimal digits'),
  tenant: matching(
    /^[0-9a-zA-Z.-]{1,253}$/,
    'is not a valid tenant\n  a tenant ID (8-4-4-4-12 hexadecimal digits) or a domain of the tenant',
  ),
  location: matching(
    /^[a-z0-9]{2,40}$/,
    'is not a valid region name\n  lowercase letters and digits, as listed by `az account list-locations`',
  ),
  resourceGroup: (value) =>
    /^[-\w._()]{1,90}$/.test(value) && !value.endsWith('.')
      ? undefined
      : 'is not a valid resource group name\n  1 to 90 letters, digits, "-", "_", ".", "(" and ")", not ending with "."',
  cluster: nameOrId(
    'Microsoft.ContainerService/managedClusters',
    matching(
      /^[a-zA-Z0-9]$|^[a-zA-Z0-9][-_a-zA-Z0-9]{0,61}[a-zA-Z0-9]$/,
      'is not a valid AKS cluster name\n  1 to 63 letters, digits, "-" and "_", starting and ending with a letter or digit',
    ),
  ),
  vault: nameOrId('Microsoft.KeyVault/vaults', (value) =>
    /^[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$/.test(value) && !value.includes('--')
      ? undefined
      : 'is not a valid Key Vault name\n  3 to 24 letters, digits and single hyphens, starting with a letter, ending with a letter or digit',
  ),
  secret: matching(
    /^[0-9a-zA-Z-]{1,127}$/,
    'is not a valid secret name\n  1 to 127 letters, digits and hyphens',
  ),
  dnsLabel: matching(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    'is not a valid namespace name\n  1 to 63 lowercase letters, digits and hyphens, starting and ending with a letter or digit',
  ),
  serviceAccount: (value) =>
    value.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(value)
      ? undefined
      : 'is not a valid service account name\n  1 to 253 lowercase letters, digits, "-" and ".", starting and ending with a letter or digit',
  identity: matching(
    /^([a-zA-Z0-9][-\w]{2,119}|\/subscriptions\/[-\da-f]{36}\/resourceGroups\/[-\w.()]{1,90}\/providers\/Microsoft\.ManagedIdentity\/userAssignedIdentities\/[a-zA-Z0-9][-\w]{2,127})$/i,
    'is not a valid identity\n  a name of 3 to 120 letters, digits, "-" and "_", starting with a letter or digit, a client ID, or the resource ID of a managed identity',
  ),
  kubernetesVersion: matching(
    /^1\.\d{2}(\.\d{1,3})?$/,
    'is not a valid Kubernetes version\n  a minor or patch version, such as 1.34 or 1.34.2',
  ),
  nodeSize: matching(
    /^[A-Za-z][A-Za-z0-9_]{2,63}$/,
    'is not a valid VM size\n  letters, digits and "_", as listed by `az vm list-sizes`',
  ),
  nodeCount: (value) =>
    /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= 1000
      ? undefined
      : 'is not a valid node count\n  1 to 1000',
  audience: matching(
    /^[\x21-\x7e]{1,600}$/,
    'is not a valid audience\n  1 to 600 printable ASCII characters without spaces',
  ),
  grant: (value) =>
    isPlain(value) && /^[a-z-]{2,30}:\S{1,1000}$|^[^@]{1,200}@\/\S{0,1000}$/.test(value)
      ? undefined
      : 'is not a valid grant\n  TARGET:NAME=ROLE, or ROLE@SCOPE with the ID of a resource, group or subscription',
  issuer: (value) => {
    if (['github', 'gitlab', 'terraform', 'azure-devops'].includes(value)) return undefined
    if (/^https?:\/\/api\.bitbucket\.org(\/|$)/i.test(value) || value.toLowerCase() === 'bitbucket')
      return 'is not supported\n  each step of a Bitbucket pipeline has a different subject, which no federated credential can name'
    return isIssuerUrl(value)
      ? undefined
      : 'is not an issuer\n  github, gitlab, terraform, azure-devops, or an https:// URL without query, spelled exactly like the iss claim of the tokens'
  },
  host: matching(
    /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?(:\d{1,5})?$/,
    'is not a host\n  a name in lowercase, such as gitlab.example.com, without https://',
  ),
  numberOrGuid: (value) =>
    /^[1-9]\d{0,18}$/.test(value) || isGuid(value)
      ? undefined
      : 'is not an ID\n  a number, or 8-4-4-4-12 hexadecimal digits for Azure DevOps',
  subject: matching(/^[\x20-\x7e]{1,600}$/, 'is not a valid subject\n  1 to 600 printable ASCII characters'),
  expression: matching(
    /^claims\['\w+'\] (eq|matches) '(?:[^']|'['*?])*'(?: and claims\['\w+'\] (eq|matches) '(?:[^']|'['*?])*')*$/,
    "is not a claims expression\n  claims['sub'] eq '…' or claims['sub'] matches '…', with one space on each side; several are joined by \" and \"",
  ),
  plain: (value) => (isPlain(value) ? undefined : 'is empty, too long or contains control characters'),
  chart: (value) =>
    isPlain(value) && !/(^|[/\\])-[^/\\]*[/\\]*$/.test(value)
      ? undefined
      : 'is not a valid chart\n  a folder, an archive, or a repository URL followed by the chart\'s name, which does not start with "-"',
  chartVersion: matching(
    /^[v\d^~=<>*][\w.+^~=<>*|, -]{0,63}$/,
    'is not a valid chart version\n  a version or a range of versions, such as 1.6.0 or ^1.6',
  ),
} satisfies Record<string, ValueRule>
