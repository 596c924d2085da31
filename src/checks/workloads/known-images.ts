import { isAtLeast } from './rule.ts'

/** An image that is known to read the token at a fixed path, and not where AZURE_FEDERATED_TOKEN_FILE says. */
interface KnownImage {
  name: RegExp
  /** The last version that is known to do so. */
  until: string
  what: string
  should: string
  remedy: string
}

const known: KnownImage[] = [
  {
    // crossplane-contrib/provider-upjet-azure#1280: found in 2.5.0 and 2.6.0, mended after it.
    name: /(^|\/)(provider-family-azure|provider-azure-[a-z0-9]+)$/,
    until: '2.6.0',
    what: 'up to 2.6.0 the provider reads the token at the old path, unless oidcTokenFilePath says another',
    should: 'a version after 2.6.0',
    remedy:
      'Take a newer provider, or give spec.credentials.oidcTokenFilePath in its ProviderConfig: /var/run/secrets/azure/wi/token/azure-identity-token',
  },
]

/** `registry/name:tag@digest` in its parts. */
function parts(image: string): { name: string; version: string | undefined } {
  const bare = image.replace(/@.*$/, '')
  const [, name = bare, tag] = /^(.*?)(?::v?([^:/]+))?$/.exec(bare) ?? []
  return { name, version: tag !== undefined && /^\d/.test(tag) ? tag : undefined }
}

export function findKnownImage(image: string): KnownImage | undefined {
  const { name, version } = parts(image)
  if (version === undefined) return undefined
  return known.find((each) => each.name.test(name) && isAtLeast(each.until, version.replace(/[-+].*$/, '')))
}
