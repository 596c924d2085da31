import type { TokenCredential } from '@azure/core-auth'
import type { Cloud } from '../cloud.ts'
import { type Guard, guard } from '../errors.ts'
import type { Http } from '../http.ts'
import { ServiceError } from '../service-error.ts'

/** What the adapters of Azure Resource Manager share. */
export interface ArmContext {
  cloud: Cloud
  credential: TokenCredential
  http: Http
  signal: AbortSignal
  guard: Guard
  /** Throws `ServiceError` code `NoSubscription` where none was chosen. */
  subscription(): string
  /** Endpoint and scopes are told to every client: their own defaults are the public cloud's. */
  options: {
    endpoint: string
    $host: string
    credentialScopes: string
    credentials: { scopes: string[] }
    httpClient: Http
    retryOptions: { maxRetries: number }
    userAgentOptions: { userAgentPrefix: string }
  }
  /** For each single call. */
  call: { abortSignal: AbortSignal }
}

export function makeArmContext(of: {
  cloud: Cloud
  credential: TokenCredential
  http: Http
  signal: AbortSignal
  subscription: string | undefined
}): ArmContext {
  const { cloud, credential, http, signal, subscription } = of
  return {
    cloud,
    credential,
    http,
    signal,
    guard: guard('arm', signal),
    subscription: () => {
      if (subscription) return subscription
      throw new ServiceError({
        service: 'arm',
        code: 'NoSubscription',
        message: 'No subscription has been chosen',
      })
    },
    options: {
      endpoint: cloud.arm,
      $host: cloud.arm,
      credentialScopes: cloud.armScope,
      credentials: { scopes: [cloud.armScope] },
      httpClient: http,
      // Our HTTP client repeats, for all SDKs alike.
      retryOptions: { maxRetries: 0 },
      userAgentOptions: { userAgentPrefix: 'wi-setup' },
    },
    call: { abortSignal: signal },
  }
}

export async function collect<From, To>(pages: AsyncIterable<From>, map: (each: From) => To): Promise<To[]> {
  const found: To[] = []
  for await (const each of pages) found.push(map(each))
  return found
}
