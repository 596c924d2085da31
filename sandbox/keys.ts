import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { issueLeaf, makeAuthority, type Pair } from './certificates.ts'
import { writePrivate } from './state-file.ts'

/** What takes long to make. Many short-lived worlds may share them. */
export interface Keys {
  authority: Pair
  leaf: Pair
  /** The private half of an RS256 key; a new one takes about a tenth of a second. */
  newRsaKey: () => Promise<JWK>
}

/** Those of a folder: its authority is kept, a certificate for the server is issued at each start. */
export async function keysOf(dir: string, at: { host: string; domain: string | undefined }): Promise<Keys> {
  const authority = await authorityOf(dir)
  return { authority, leaf: await issueLeaf(authority, namesOf(at)), newRsaKey: newRsaKey }
}

/** Keys for a sandbox on loopback that leaves nothing behind. */
export async function newKeys(): Promise<Keys> {
  const authority = await makeAuthority()
  const leaf = await issueLeaf(authority, namesOf({ host: '127.0.0.1', domain: undefined }))
  return { authority, leaf, newRsaKey: newRsaKey }
}

const namesOf = ({ host, domain }: { host: string; domain: string | undefined }) => ({
  dns: ['localhost', '*.vault.localhost', ...(domain ? [domain, `*.${domain}`, `*.vault.${domain}`] : [])],
  ip: [...new Set(['127.0.0.1', '::1', host])],
})

async function newRsaKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true })
  return exportJWK(privateKey)
}

async function authorityOf(dir: string): Promise<Pair> {
  const [certFile, keyFile] = [join(dir, 'ca.pem'), join(dir, 'ca-key.pem')]
  if (existsSync(certFile) && existsSync(keyFile))
    return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
  const made = await makeAuthority()
  writePrivate(keyFile, made.key)
  writePrivate(certFile, made.cert)
  return made
}
