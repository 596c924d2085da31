/** The resource as it would be after the request. */
interface Written {
  /** `Microsoft.Resources/resourceGroups`, `Microsoft.KeyVault/vaults` … */
  type: string
  content: Record<string, unknown>
}

/** The comparison because of which a policy denies a resource. */
export interface PolicyExpression {
  path: string
  value: unknown
  operator: 'NotIn' | 'Exists' | 'NotLike'
  target: unknown
}

interface PolicyDefinition {
  name: string
  /** Returns why the policy denies the resource; undefined if it doesn't. */
  denies(written: Written, parameter: (name: string) => unknown): PolicyExpression | undefined
}

const isGroup = ({ type }: Written) => /^Microsoft\.Resources\/resourceGroups$/i.test(type)

/** Resources with a location and tags, which policies of the mode Indexed evaluate; their children have neither. */
const isIndexed = (written: Written) =>
  !isGroup(written) && /^(?!Microsoft\.Authorization\/)[\w.]+\/\w+$/i.test(written.type)

function missingTag({ content }: Written, name: unknown): PolicyExpression | undefined {
  const tags = Object.keys(content.tags ?? {})
  if (tags.some((each) => each.toLowerCase() === String(name).toLowerCase())) return undefined
  return { path: `tags[${name}]`, value: undefined, operator: 'Exists', target: 'false' }
}

function otherLocation({ content }: Written, locations: unknown): PolicyExpression | undefined {
  const { location } = content
  if (!Array.isArray(locations) || plain(location) === 'global') return undefined
  if (locations.some((each) => plain(each) === plain(location))) return undefined
  return { path: 'location', value: location, operator: 'NotIn', target: locations }
}

const plain = (location: unknown) => String(location).replaceAll(' ', '').toLowerCase()

const credentialType = /^Microsoft\.ManagedIdentity\/userAssignedIdentities\/federatedIdentityCredentials$/i

/** Allowed issuers by the parameter that allows them; each is false by default. */
const issuers: Record<string, RegExp> = {
  allowAKS: /^https:\/\/[^/]+\.oic\.prod-aks\.azure\.com\//,
  allowGitHub: /^https:\/\/token\.actions\.githubusercontent\.com\/?$/,
  allowAWS: /^https:\/\/cognito-identity\.amazonaws\.com\/?$/,
  allowGCS: /^https:\/\/accounts\.google\.com\/?$/,
}

/** Built-in policies that deny, by the GUIDs of their definitions. */
export const policyDefinitions: Record<string, PolicyDefinition> = {
  '96670d01-0a4d-4649-9c89-2d3abc0a5025': {
    name: 'Require a tag on resource groups',
    denies: (written, parameter) =>
      isGroup(written) ? missingTag(written, parameter('tagName')) : undefined,
  },
  '871b6d14-10aa-478d-b590-94f262ecfa99': {
    name: 'Require a tag on resources',
    denies: (written, parameter) =>
      isIndexed(written) ? missingTag(written, parameter('tagName')) : undefined,
  },
  'e765b5de-1225-4ba3-bd56-1ac6695af988': {
    name: 'Allowed locations for resource groups',
    denies: (written, parameter) =>
      isGroup(written) ? otherLocation(written, parameter('listOfAllowedLocations')) : undefined,
  },
  'e56962a6-4747-49cd-b67b-bf8b01975c4c': {
    name: 'Allowed locations',
    denies: (written, parameter) =>
      isIndexed(written) ? otherLocation(written, parameter('listOfAllowedLocations')) : undefined,
  },
  '2571b7c3-3056-4a61-b00a-9bc5232234f5': {
    name: 'Managed Identity Federated Credentials should be from allowed issuer types',
    denies({ type, content }, parameter) {
      if (!credentialType.test(type) || parameter('effect') !== 'Deny') return undefined
      const { issuer } = (content.properties ?? {}) as { issuer?: string }
      const exceptions = parameter('allowedIssuerExceptions')
      const allowed = Object.entries(issuers).filter(([name]) => parameter(name) === true)
      const isAllowed =
        parameter('allowFederatedCredentials') === true &&
        ((Array.isArray(exceptions) && exceptions.includes(issuer)) ||
          allowed.some(([, pattern]) => pattern.test(issuer ?? '')))
      return isAllowed
        ? undefined
        : {
            path: `${credentialType.source.slice(1, -1).replaceAll('\\', '')}/issuer`,
            value: issuer,
            operator: 'NotIn',
            target: exceptions ?? [],
          }
    },
  },
}
