import type { TokenCredential } from '@azure/core-auth'
import type { Cloud } from '../cloud.ts'
import { type Guard, guard } from '../errors.ts'
import type { Http } from '../http.ts'
import { makeListLimit } from '../list-limit.ts'
import { ServiceError } from '../service-error.ts'

/** What the clients of Azure Resource Manager (ARM) share. */
export interface ArmContext {
  cloud: Cloud
  credential: TokenCredential
  http: Http
  signal: AbortSignal
  guard: Guard
  /** Returns the subscription ID. Throws `ServiceError` with the code `NoSubscription` if none is selected. */
  subscription(): string
  /** Options of every SDK client, whose default endpoint and scopes are the public cloud's. */
  options: {
    endpoint: string
    $host: string
    credentialScopes: string
    credentials: { scopes: string[] }
    httpClient: Http
    retryOptions: { maxRetries: number }
    userAgentOptions: { userAgentPrefix: string }
  }
  /** Options of every call. */
  call: { abortSignal: AbortSignal }
}

export function makeArmContext(options: {
  cloud: Cloud
  credential: TokenCredential
  http: Http
  signal: AbortSignal
  subscription: string | undefined
}): ArmContext {
  const { cloud, credential, http, signal, subscription } = options
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
        message: 'No subscription is selected',
      })
    },
    options: {
      endpoint: cloud.arm,
      $host: cloud.arm,
      credentialScopes: cloud.armScope,
      credentials: { scopes: [cloud.armScope] },
      httpClient: http,
      // The HTTP client retries for all SDKs.
      retryOptions: { maxRetries: 0 },
      userAgentOptions: { userAgentPrefix: 'wi-setup' },
    },
    call: { abortSignal: signal },
  }
}

/** Returns all items of a paged list, mapped. */
export async function collect<Item, Result>(
  list: { byPage(): AsyncIterable<Item[]> },
  map: (item: Item) => Result,
): Promise<Result[]> {
  const results: Result[] = []
  const limit = makeListLimit('arm', 'from Azure')
  for await (const page of list.byPage()) {
    limit(page.length)
    results.push(...page.map(map))
  }
  return results
}
