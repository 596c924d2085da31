import { isAllowed } from '../arm/authorization/permissions.ts'
import { type BadToken, checkCaller } from '../data-plane.ts'
import type { CallerClaims } from '../entra/access-tokens.ts'
import type { Simulator } from '../simulator.ts'
import type { Entity } from './entities.ts'
import type { Claim } from './errors.ts'
import { audiences, type Namespace } from './namespaces.ts'
import { signatureProblem } from './shared-keys.ts'

/** Who has shown a valid token: a service principal, or somebody with a key, who may do everything. */
export type Holder = CallerClaims | 'key'

const problems: Record<BadToken, string> = {
  missing: 'MissingToken: The authorization header was not found.',
  invalid: 'InvalidSignature: The token has an invalid signature.',
  expired: 'ExpiredToken: The token is expired.',
  wrongAudience: 'InvalidAudience: The authorization header contains a token with a wrong audience.',
  wrongTenant: 'InvalidIssuer: Token issuer is invalid.',
}

/** Returns the holder of a token, or what is wrong with it. A shared access signature is valid while keys are on. */
export async function holderOf(
  simulator: Simulator,
  namespace: Namespace,
  token: string,
): Promise<Holder | { problem: string }> {
  if (!token.startsWith('SharedAccessSignature ')) {
    const caller = await checkCaller(token, simulator, [...audiences[namespace.kind]])
    return typeof caller === 'string' ? { problem: problems[caller] } : caller
  }
  if (!namespace.localAuth)
    return {
      problem:
        'LocalAuthDisabled: Authorization failed because SAS authentication has been disabled for the namespace.',
    }
  const problem = signatureProblem(simulator, namespace, token)
  return problem === undefined ? 'key' : { problem }
}

const providers = { servicebus: 'Microsoft.ServiceBus', eventhub: 'Microsoft.EventHub' }
const operations = { Send: 'send', Listen: 'receive' }

/** True if a role of the holder grants the claim on the entity. */
export const hasClaim = (
  simulator: Simulator,
  namespace: Namespace,
  holder: Holder,
  claim: Claim,
  { scope }: Pick<Entity, 'scope'>,
): boolean =>
  holder === 'key' ||
  isAllowed(
    simulator,
    holder.oid,
    `${providers[namespace.kind]}/namespaces/messages/${operations[claim]}/action`,
    scope,
    'data',
  )
