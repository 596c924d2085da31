import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(webcrypto as never)

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const tenYears = 3650 * 86_400_000

/** A certificate and its private key, both PEM. */
export interface CertificateAndKey {
  cert: string
  key: string
}

const newKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

const pem = async (
  certificate: x509.X509Certificate,
  key: webcrypto.CryptoKey,
): Promise<CertificateAndKey> => ({
  cert: certificate.toString('pem'),
  key: x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY'),
})

/** Creates the certificate authority of a sandbox. */
export async function createAuthority(): Promise<CertificateAndKey> {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: webcrypto.randomUUID().replaceAll('-', ''),
    name: 'CN=wi-setup sandbox',
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + tenYears),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return pem(certificate, keys.privateKey)
}

/** Returns a self-signed certificate as DER. Its private key is discarded. */
export async function createSelfSigned(subject: string): Promise<Buffer> {
  const signingAlgorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(
    { ...signingAlgorithm, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ['sign', 'verify'],
  )
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: webcrypto.randomUUID().replaceAll('-', ''),
    name: subject,
    notBefore: new Date(Date.now() - 600_000),
    notAfter: new Date(Date.now() + 365 * 86_400_000),
    keys,
    signingAlgorithm,
  })
  return Buffer.from(certificate.rawData)
}

/** Issues a server certificate for DNS names, which may be wildcards, and IP addresses. */
export async function issueServerCertificate(
  authority: CertificateAndKey,
  names: { dns: string[]; ip: string[] },
): Promise<CertificateAndKey> {
  const issuer = new x509.X509Certificate(authority.cert)
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(authority.key),
    algorithm,
    false,
    ['sign'],
  )
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: webcrypto.randomUUID().replaceAll('-', ''),
    issuer: issuer.subject,
    subject: 'CN=wi-setup sandbox server',
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 397 * 86_400_000),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...names.dns.map((value) => ({ type: 'dns' as const, value })),
        ...names.ip.map((value) => ({ type: 'ip' as const, value })),
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  })
  return pem(certificate, keys.privateKey)
}
