/** The resource as it would be after the request. */
interface Written {
  /** `Microsoft.Resources/resourceGroups`, `Microsoft.KeyVault/vaults` … */
  type: string
  content: Record<string, unknown>
}

interface PolicyDefinition {
  name: string
  denies(written: Written, parameter: (name: string) => unknown): boolean
}

const isGroup = ({ type }: Written) => /^Microsoft\.Resources\/resourceGroups$/i.test(type)

/** Resources with a location and tags, which policies of the mode Indexed evaluate; their children have neither. */
const isIndexed = (written: Written) =>
  !isGroup(written) && /^(?!Microsoft\.Authorization\/)[\w.]+\/\w+$/i.test(written.type)

const lacksTag = ({ content }: Written, name: unknown) =>
  !Object.keys(content.tags ?? {}).some((each) => each.toLowerCase() === String(name).toLowerCase())

const isElsewhere = ({ content }: Written, locations: unknown) =>
  Array.isArray(locations) &&
  !locations.some((each) => plain(each) === plain(content.location) || plain(content.location) === 'global')

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
    denies: (written, parameter) => isGroup(written) && lacksTag(written, parameter('tagName')),
  },
  '871b6d14-10aa-478d-b590-94f262ecfa99': {
    name: 'Require a tag on resources',
    denies: (written, parameter) => isIndexed(written) && lacksTag(written, parameter('tagName')),
  },
  'e765b5de-1225-4ba3-bd56-1ac6695af988': {
    name: 'Allowed locations for resource groups',
    denies: (written, parameter) =>
      isGroup(written) && isElsewhere(written, parameter('listOfAllowedLocations')),
  },
  'e56962a6-4747-49cd-b67b-bf8b01975c4c': {
    name: 'Allowed locations',
    denies: (written, parameter) =>
      isIndexed(written) && isElsewhere(written, parameter('listOfAllowedLocations')),
  },
  '2571b7c3-3056-4a61-b00a-9bc5232234f5': {
    name: 'Managed Identity Federated Credentials should be from allowed issuer types',
    denies({ type, content }, parameter) {
      if (!credentialType.test(type) || parameter('effect') !== 'Deny') return false
      const { issuer } = (content.properties ?? {}) as { issuer?: string }
      const exceptions = parameter('allowedIssuerExceptions')
      if (parameter('allowFederatedCredentials') !== true) return true
      return (
        !(Array.isArray(exceptions) && exceptions.includes(issuer)) &&
        !Object.entries(issuers).some(
          ([name, pattern]) => parameter(name) === true && pattern.test(issuer ?? ''),
        )
      )
    },
  },
}
