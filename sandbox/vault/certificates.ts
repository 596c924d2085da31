import { createHash, X509Certificate } from 'node:crypto'
import type { Reply } from '../http.ts'
import { badParameter, contactsNotFound, objectNotFound } from './errors.ts'
import { keyView } from './keys.ts'
import { addVersion, latest, type ObjectView, objectHandlers, parseObject } from './objects.ts'
import type { VaultRequest } from './request.ts'
import type { Vault } from './vaults.ts'

const thumbprint = (cer: string) => createHash('sha1').update(Buffer.from(cer, 'base64')).digest('base64url')

const idOf = (vault: Vault, collection: string, name: string, version?: { version: string }) =>
  `${vault.address}/${collection}/${name}${version === undefined ? '' : `/${version.version}`}`

const view: ObjectView = {
  collection: 'certificates',
  title: 'Certificate',
  bundle: (vault, { name }, version) => ({
    id: idOf(vault, 'certificates', name, version),
    kid: idOf(vault, 'keys', name, version),
    sid: idOf(vault, 'secrets', name, version),
    x5t: thumbprint(version.cer!),
    cer: version.cer,
    policy: {
      id: `${vault.address}/certificates/${name}/policy`,
      key_props: { exportable: true, kty: 'RSA', key_size: 2048, reuse_key: false },
      secret_props: { contentType: 'application/x-pkcs12' },
      issuer: { name: 'Self' },
    },
  }),
  item: (vault, { name }, version) => ({ id: idOf(vault, 'certificates', name, version) }),
}

/** The operation that creates a certificate ends at once, because its issuer is the vault itself. */
const operation = (vault: Vault, name: string) => ({
  id: `${vault.address}/certificates/${name}/pending`,
  issuer: { name: 'Self' },
  cancellation_requested: false,
  status: 'completed',
  target: `${vault.address}/certificates/${name}`,
})

export async function createCertificate(request: VaultRequest): Promise<Reply> {
  const { policy, tags } = parseObject<{
    policy: { x509_props?: { subject?: string }; issuer?: { name?: string } }
    tags: Record<string, string>
  }>(request)
  const subject = policy?.x509_props?.subject
  if (!subject) throw badParameter('Property policy has invalid value: x509_props.subject is required')
  if ((policy?.issuer?.name ?? 'Self') !== 'Self')
    throw badParameter("The sandbox's vaults create self-signed certificates only: issuer.name must be Self")
  const { createSelfSigned } = await import('../server/certificates.ts')
  const der = await createSelfSigned(subject)
  const { n, e } = new X509Certificate(der).publicKey.export({ format: 'jwk' })
  const common = { key: { kty: 'RSA', n: n!, e: e! }, tags: tags ?? {} }
  const { object } = addVersion(request, view, { ...common, cer: der.toString('base64') })
  // The key of the same name belongs to it.
  addVersion(request, keyView, common)
  return { status: 202, body: operation(request.vault, object.name) }
}

export function getPending({ vault, params }: VaultRequest): Reply {
  const object = vault.data.certificates?.[params.name!.toLowerCase()]
  if (!object || !latest(object)) throw objectNotFound('Certificate', params.name!)
  return { status: 200, body: operation(vault, object.name) }
}

/** Contacts are not simulated, so no vault has any. */
export function getContacts({ vault }: VaultRequest): never {
  throw contactsNotFound(vault.name)
}

export const certificates = objectHandlers(view)
