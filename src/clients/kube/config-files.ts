import { stat } from 'node:fs/promises'
import type { Cluster, User } from '@kubernetes/client-node'
import { readLimits, tooLargeText } from '../../base/read-limits.ts'
import { ServiceError } from '../service-error.ts'

/**
 * Throws `ServiceError` with the code `KubeconfigInvalid` if a file that the kubeconfig names is too large or is not a
 * file, because the library reads it to its end. A missing file is the library's error.
 */
export async function requireReadableFiles(cluster: Cluster, user: User | null): Promise<void> {
  const tokenFile: string | undefined = user?.authProvider?.config?.tokenFile
  for (const file of [cluster.caFile, user?.certFile, user?.keyFile, tokenFile]) {
    const status = file ? await stat(file).catch(() => undefined) : undefined
    if (!status) continue
    const limit = readLimits.configFile
    const fault = status.isFile() ? status.size > limit && tooLargeText(limit) : 'is not a file'
    if (!fault) continue
    throw new ServiceError({
      service: 'kubernetes',
      code: 'KubeconfigInvalid',
      message: `${file}, which the kubeconfig names, ${fault}`,
    })
  }
}
