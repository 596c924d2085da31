/** Says what is wrong with a value, as the end of "--vault "x" …"; undefined if nothing is. */
export type Rule = (value: string) => string | undefined

const matching =
  (pattern: RegExp, says: string): Rule =>
  (value) =>
    pattern.test(value) ? undefined : says

const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export const isGuid = (value: string) => guidPattern.test(value)

/** Azure's and Kubernetes' own naming rules, checked before anything is sent. */
export const rules = {
  guid: matching(guidPattern, 'is not an id\n  8-4-4-4-12 hexadecimal digits'),
  tenant: matching(
    /^[0-9a-zA-Z.-]{1,253}$/,
    'is not a tenant\n  its id (8-4-4-4-12 hexadecimal digits) or one of its domains',
  ),
  location: matching(
    /^[a-z0-9]{2,40}$/,
    'is not the name of a location\n  lower-case letters and digits, as `az account list-locations` prints them',
  ),
  resourceGroup: (value) =>
    /^[-\w._()]{1,90}$/.test(value) && !value.endsWith('.')
      ? undefined
      : 'is not a resource group name\n  1 to 90 letters, digits, "-", "_", ".", "(" and ")", not ending in "."',
  cluster: matching(
    /^[a-zA-Z0-9]$|^[a-zA-Z0-9][-_a-zA-Z0-9]{0,61}[a-zA-Z0-9]$/,
    'is not an AKS cluster name\n  1 to 63 letters, digits, "-" and "_", a letter or digit first and last',
  ),
  vault: (value) =>
    /^[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$/.test(value) && !value.includes('--')
      ? undefined
      : 'is not a Key Vault name\n  3 to 24 letters, digits and hyphens, a letter first, a letter or digit last, no "--", no "_"',
  secret: matching(/^[0-9a-zA-Z-]{1,127}$/, 'is not a secret name\n  1 to 127 letters, digits and hyphens'),
  dnsLabel: matching(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    'is not a namespace name\n  1 to 63 lower-case letters, digits and hyphens, a letter or digit first and last',
  ),
  serviceAccount: (value) =>
    value.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(value)
      ? undefined
      : 'is not a service account name\n  1 to 253 lower-case letters, digits, "-" and ".", a letter or digit first and last',
  identity: matching(
    /^[a-zA-Z0-9][-\w]{2,119}$/,
    'is not an identity name\n  3 to 120 letters, digits, "-" and "_", a letter or digit first',
  ),
  kubernetesVersion: matching(/^1\.\d{2}(\.\d{1,3})?$/, 'is not a Kubernetes version\n  like 1.34 or 1.34.2'),
  nodeSize: matching(/^[A-Za-z][A-Za-z0-9_]{2,63}$/, 'is not a VM size\n  like Standard_D2s_v5'),
  nodeCount: (value) =>
    /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= 1000
      ? undefined
      : 'is not a number of nodes\n  1 to 1000',
  audience: matching(
    /^[\x21-\x7e]{1,600}$/,
    'is not an audience\n  1 to 600 printable characters without blanks',
  ),
  plain: (value) =>
    // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those are refused
    value.length > 0 && value.length <= 4096 && !/[\u0000-\u001f\u007f]/.test(value)
      ? undefined
      : 'is empty or holds control characters',
  /** For a program's command line, where a dash begins an option. */
  argument: (value) =>
    // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those are refused
    value.length > 0 && value.length <= 4096 && !/^-|[\u0000-\u001f\u007f]/.test(value)
      ? undefined
      : 'is empty, begins with "-" or holds control characters',
} satisfies Record<string, Rule>
