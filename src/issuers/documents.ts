import { createPublicKey } from 'node:crypto'
import { sha256 } from '../base/sha256.ts'
import { withoutTrailingSlash } from '../base/trailing-slash.ts'
import type { PublicKey } from '../clients/kubernetes.ts'

export const discoveryPath = '.well-known/openid-configuration'
export const keySetPath = 'openid/v1/jwks'

/** Returns where the key set of an issuer is. */
export const keySetUrl = (issuer: string): string => `${withoutTrailingSlash(issuer)}/${keySetPath}`

/** The only algorithm that Entra accepts. */
const algorithm = 'RS256'

/** Returns the text of the discovery document, with the members of the API server's own. */
export const discoveryText = (issuer: string): string =>
  text({
    issuer,
    jwks_uri: keySetUrl(issuer),
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [algorithm],
  })

/** Returns the text of the key set; equal keys give equal texts. */
export const keySetText = (keys: readonly PublicKey[]): string =>
  text({ keys: [...keys].sort((a, b) => (a.kid < b.kid ? -1 : 1)).map(publicMembers) })

const text = (document: object) => `${JSON.stringify(document, undefined, 2)}\n`

/** Never more than these: a key set that someone else wrote may contain a private key. */
const publicMembers = ({ use, kty, kid, alg, n, e }: PublicKey) => ({ use, kty, kid, alg, n, e })

/** Returns the IDs of the keys that Entra can't use. */
export const unusableKeys = (keys: readonly PublicKey[]): string[] =>
  keys.filter(({ kty, alg }) => kty !== 'RSA' || alg !== algorithm).map(({ kid }) => kid)

/** Returns the key of a PEM file as Kubernetes publishes it. Throws for anything but a public RSA key. */
export function keyOfPem(pem: string): PublicKey {
  if (/PRIVATE KEY/.test(pem)) throw new Error('contains a private key; pass the public one')
  const key = createPublicKey(pem)
  if (key.asymmetricKeyType !== 'rsa') throw new Error('is not an RSA key, the only kind that Entra accepts')
  const { n, e } = key.export({ format: 'jwk' })
  const kid = sha256(key.export({ type: 'spki', format: 'der' })).toString('base64url')
  return { use: 'sig', kty: 'RSA', kid, alg: algorithm, n, e }
}

/** Returns the issuer and the keys of documents; undefined for a text that isn't such a document. */
export function parseIssuer(document: string): string | undefined {
  const { issuer } = parsed(document)
  return typeof issuer === 'string' ? issuer : undefined
}

export function parseKeys(document: string): PublicKey[] | undefined {
  const { keys } = parsed(document)
  if (!Array.isArray(keys)) return undefined
  return keys.filter((key) => typeof key?.kid === 'string' && typeof key?.n === 'string')
}

function parsed(document: string): Record<string, unknown> {
  try {
    const value = JSON.parse(document)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
