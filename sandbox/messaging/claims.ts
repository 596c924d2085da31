import type { Simulator } from '../simulator.ts'
import { hasClaim } from './authentication.ts'
import type { ClientConnection } from './client-connection.ts'
import type { Entity } from './entities.ts'
import { type Claim, claimRequired, type Refusal } from './errors.ts'

/** Returns the refusal unless a token that the client has put for the entity, or for what it is in, grants the claim. */
export function claimProblem(
  { namespace, tokens }: ClientConnection,
  simulator: Simulator,
  entity: Entity,
  claim: Claim,
): Refusal | undefined {
  const path = entity.path.toLowerCase()
  const isGranted = [...tokens].some(
    ([tokenPath, holder]) =>
      (tokenPath === '' || `${path}/`.startsWith(`${tokenPath}/`)) &&
      hasClaim(simulator, namespace, holder, claim, entity),
  )
  return isGranted ? undefined : claimRequired(simulator, namespace, entity.path, claim)
}
