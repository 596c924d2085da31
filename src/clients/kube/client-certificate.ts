import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { User } from '@kubernetes/client-node'
import { ServiceError } from '../service-error.ts'

/**
 * An API server says no more than Unauthorized of a certificate that has run out. Throws `ServiceError`
 * `ClientCertificateExpired`; what cannot be read is left to the connection.
 */
export async function requireValidCertificate(user: User | null, now = Date.now()): Promise<void> {
  if (!user?.certData && !user?.certFile) return
  const pem = user.certData
    ? Buffer.from(user.certData, 'base64')
    : await readFile(user.certFile!).catch(() => '')
  let until: Date
  try {
    until = new X509Certificate(pem).validToDate
  } catch {
    return
  }
  if (until.getTime() > now) return
  throw new ServiceError({
    service: 'kubernetes',
    code: 'ClientCertificateExpired',
    message: `The client certificate of the kubeconfig's user "${user.name}" expired on ${until.toISOString().slice(0, 10)}`,
  })
}
