import { resourcesOfType } from './arm/resources/resources.ts'
import type { Resource } from './arm/state.ts'
import { type CallerClaims, checkToken, claimedIssuer, tokenIssuerOf } from './entra/access-tokens.ts'
import type { Reply } from './http.ts'
import type { Simulator } from './simulator.ts'

/** Returns the resource that a host name belongs to. Until it has been created, the name doesn't resolve. */
export const findAccount = (simulator: Simulator, type: string, name: string): Resource | undefined =>
  resourcesOfType(simulator, type).find(
    ({ body }) => body.name.toLowerCase() === name && body.properties.provisioningState !== 'Creating',
  )

/** What is wrong with a token. */
export type BadToken = 'missing' | 'invalid' | 'expired' | 'wrongAudience' | 'wrongTenant'

/** Returns the holder of a token of the tenant for one of the audiences, or what is wrong with it. */
export async function checkCaller(
  token: string | undefined,
  simulator: Simulator,
  audiences: string[],
): Promise<CallerClaims | BadToken> {
  const issuer = token === undefined ? undefined : claimedIssuer(token)
  if (issuer !== undefined && issuer !== tokenIssuerOf(simulator.state.tenant.id)) return 'wrongTenant'
  const result = await checkToken(token, simulator, audiences)
  switch (result.state) {
    case 'valid':
      return result.caller
    case 'missing':
    case 'expired':
    case 'wrongAudience':
      return result.state
    default:
      return 'invalid'
  }
}

/** A request that a service rejects with a reply of its own. */
export class RejectedRequest extends Error {
  readonly reply: Reply
  constructor(reply: Reply) {
    super(`The service returned ${reply.status}`)
    this.reply = reply
  }
}

/** Returns what the handler returns, or the reply that it throws. */
export async function replyOrRejection(handle: () => Promise<Reply>): Promise<Reply> {
  try {
    return await handle()
  } catch (error) {
    if (error instanceof RejectedRequest) return error.reply
    throw error
  }
}
