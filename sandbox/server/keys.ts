import { createPrivateKey, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { labelsOf } from '../service.ts'
import { services } from '../services.ts'
import { type CertificateAndKey, createAuthority, issueServerCertificate } from './certificates.ts'
import { writePrivate } from './private-files.ts'
import { damaged } from './state-file.ts'

/** Keys and certificates. They take long to generate, so short-lived sandboxes may share them. */
export interface SandboxKeys {
  authority: CertificateAndKey
  server: CertificateAndKey
  /** Generates a private RS256 key, which takes about 100 ms. */
  newRsaKey: () => Promise<JWK>
}

/** Returns the folder's certificate authority with a new server certificate. */
export async function loadKeys(
  dir: string,
  { host, domain }: { host: string; domain: string | undefined },
): Promise<SandboxKeys> {
  const authority = await loadAuthority(dir)
  return {
    authority,
    server: await issueServerCertificate(authority, certificateNames(host, domain)),
    newRsaKey,
  }
}

/** Returns keys for a sandbox on loopback, and writes no file. */
export async function newKeys(): Promise<SandboxKeys> {
  const authority = await createAuthority()
  return {
    authority,
    server: await issueServerCertificate(authority, certificateNames('127.0.0.1', undefined)),
    newRsaKey,
  }
}

function certificateNames(host: string, domain: string | undefined) {
  const wildcards = (parent: string) =>
    services
      .filter(({ address }) => address.perResource)
      .flatMap(({ address }) => labelsOf(address).map((label) => `*.${label}.${parent}`))
  return {
    dns: [
      'localhost',
      ...wildcards('localhost'),
      // Token endpoints of AKS identity bindings, which clients reach by these SNI names.
      '*.ests.aks',
      ...(domain ? [domain, `*.${domain}`, ...wildcards(domain)] : []),
    ],
    ip: [...new Set(['127.0.0.1', '::1', host])],
  }
}

async function newRsaKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true })
  return exportJWK(privateKey)
}

async function loadAuthority(dir: string): Promise<CertificateAndKey> {
  const [certFile, keyFile] = [join(dir, 'ca.pem'), join(dir, 'ca-key.pem')]
  if (existsSync(certFile) && existsSync(keyFile)) return readAuthority(certFile, keyFile)
  const authority = await createAuthority()
  writePrivate(keyFile, authority.key)
  writePrivate(certFile, authority.cert)
  return authority
}

function readAuthority(certFile: string, keyFile: string): CertificateAndKey {
  const [cert, key] = [readFileSync(certFile, 'utf8'), readFileSync(keyFile, 'utf8')]
  const parse = <T>(path: string, what: string, read: () => T): T => {
    try {
      return read()
    } catch {
      throw damaged(path, `is damaged: it is not a ${what}`)
    }
  }
  const certificate = parse(certFile, 'certificate', () => new X509Certificate(cert))
  const privateKey = parse(keyFile, 'private key', () => createPrivateKey(key))
  if (!certificate.checkPrivateKey(privateKey))
    throw damaged(certFile, 'is not the certificate of the key in ca-key.pem: one of the two was changed')
  return { cert, key }
}
