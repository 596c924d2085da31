import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { User } from '@kubernetes/client-node'
import { ServiceError } from '../service-error.ts'

/**
 * Throws `ServiceError` with the code `ClientCertificateExpired` if the user's certificate has expired, for which the
 * API server returns only Unauthorized. Ignores a certificate that can't be read.
 */
export async function requireValidCertificate(user: User | null, now = Date.now()): Promise<void> {
  if (!user?.certData && !user?.certFile) return
  const pem = user.certData
    ? Buffer.from(user.certData, 'base64')
    : await readFile(user.certFile!).catch(() => '')
  let expiry: Date
  try {
    expiry = new X509Certificate(pem).validToDate
  } catch {
    return
  }
  if (expiry.getTime() > now) return
  throw new ServiceError({
    service: 'kubernetes',
    code: 'ClientCertificateExpired',
    message: `The client certificate of the kubeconfig's user "${user.name}" expired on ${expiry.toISOString().slice(0, 10)}`,
  })
}
