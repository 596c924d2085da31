import { knownOutputs } from '../../engine/plan.ts'
import type { StepResult } from '../../engine/step-result.ts'

/** Returns what the last inspection of a step found. */
export const inspectionOf = (applied: readonly StepResult[], id: string) =>
  applied.find(({ item }) => item.id === id)?.inspection

/** Returns the IDs and addresses that a user may need, for the JSON document. */
export function outputsOf(applied: readonly StepResult[]): Record<string, string> {
  const out = (id: string) => knownOutputs(inspectionOf(applied, id)) as Record<string, string | undefined>
  const outputs = {
    issuer: out('cluster').issuer,
    clientId: out('identity').clientId,
    principalId: out('service-principal').principalId,
    tenantId: out('vault').tenantId,
    credential: out('federated-credential').name,
    vaultUri: out('vault').uri,
    secretId: out('secret').id,
  }
  return Object.fromEntries(
    Object.entries(outputs).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
