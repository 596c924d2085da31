import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import type { JWK } from 'jose'
import type { Reply } from '../http.ts'
import { badParameter } from './errors.ts'
import { addVersion, bundleReply, type ObjectView, objectHandlers, parseObject } from './objects.ts'
import type { VaultRequest } from './request.ts'

const operations = ['encrypt', 'decrypt', 'sign', 'verify', 'wrapKey', 'unwrapKey']

export const keyView: ObjectView = {
  collection: 'keys',
  title: 'Key',
  bundle: (vault, { name }, { version, key }) => ({
    key: { kid: `${vault.address}/keys/${name}/${version}`, ...key, key_ops: operations },
  }),
  item: (vault, { name }, version) => ({
    kid: `${vault.address}/keys/${name}${version === undefined ? '' : `/${version.version}`}`,
  }),
}

const newRsaKeyPair = promisify(generateKeyPair)

/** The private key is not stored: the sandbox performs no operation with it. */
export async function createKey(request: VaultRequest): Promise<Reply> {
  const {
    kty,
    key_size = 2048,
    tags,
  } = parseObject<{
    kty: string
    key_size: number
    tags: Record<string, string>
  }>(request)
  if (kty !== 'RSA') throw badParameter(`The sandbox's vaults create keys of the type RSA only, not ${kty}`)
  if (![2048, 3072, 4096].includes(key_size)) throw badParameter(`Unsupported RSA key size ${key_size}`)
  const { publicKey } = await newRsaKeyPair('rsa', { modulusLength: key_size })
  const { n, e } = publicKey.export({ format: 'jwk' }) as JWK
  const { object, version } = addVersion(request, keyView, {
    key: { kty: 'RSA', n: n!, e: e! },
    tags: tags ?? {},
  })
  return bundleReply(request.vault, keyView, object, version)
}

export const keys = objectHandlers(keyView)
