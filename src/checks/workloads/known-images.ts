import { isAtLeast } from './rule.ts'

/** An image that reads the token from a fixed path and ignores AZURE_FEDERATED_TOKEN_FILE. */
interface KnownImage {
  name: RegExp
  /** The last affected version. */
  until: string
  what: string
  should: string
  remedy: string
}

const known: KnownImage[] = [
  {
    // crossplane-contrib/provider-upjet-azure#1280: found in 2.5.0 and 2.6.0, fixed later.
    name: /(^|\/)(provider-family-azure|provider-azure-[a-z0-9]+)$/,
    until: '2.6.0',
    what: 'up to 2.6.0, the provider reads the token from the old path unless oidcTokenFilePath is set',
    should: 'a version after 2.6.0',
    remedy:
      'Update the provider, or set spec.credentials.oidcTokenFilePath in its ProviderConfig to /var/run/secrets/azure/wi/token/azure-identity-token',
  },
]

/** Splits `registry/name:tag@digest`. */
function parseImage(image: string): { name: string; version: string | undefined } {
  const withoutDigest = image.replace(/@.*$/, '')
  const [, name = withoutDigest, tag] = /^(.*?)(?::v?([^:/]+))?$/.exec(withoutDigest) ?? []
  return { name, version: tag !== undefined && /^\d/.test(tag) ? tag : undefined }
}

export function findKnownImage(image: string): KnownImage | undefined {
  const { name, version } = parseImage(image)
  if (version === undefined) return undefined
  return known.find((each) => each.name.test(name) && isAtLeast(each.until, version.replace(/[-+].*$/, '')))
}
