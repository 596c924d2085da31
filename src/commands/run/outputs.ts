import { knownOutputs } from '../../engine/plan.ts'
import type { Inspection } from '../../engine/step.ts'
import type { StepResult } from '../../engine/step-result.ts'
import { issuerOf } from '../../issuers/index.ts'
import type { Settings } from '../../settings/settings.ts'
import { parseGrants } from '../../targets/parse-grant.ts'
import type { Statements } from '../../targets/target.ts'

/** Returns what the last inspection of a step found. */
export const inspectionOf = (applied: readonly StepResult[], id: string) =>
  applied.find(({ item }) => item.id === id)?.inspection

/** Returns the IDs and addresses that a user may need, for the JSON document. */
export function outputsOf(applied: readonly StepResult[], settings: Settings): Record<string, string> {
  const out = (id: string) => knownOutputs(inspectionOf(applied, id)) as Record<string, string | undefined>
  const outputs = {
    issuer: out('cluster').issuer ?? out('issuer').issuer,
    clientId: out('identity').clientId,
    principalId: out('service-principal').principalId,
    tenantId: out('vault').tenantId,
    credential: out('federated-credential').name,
    vaultUri: out('vault').uri,
    secretId: out('secret').id,
    snippet: snippetOf(applied, settings),
    statements: statementsAsText(statementsOf(itemsOf(applied), settings)),
  }
  return Object.fromEntries(
    Object.entries(outputs).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

interface InspectedItem {
  id: string
  inspection: Inspection<unknown> | undefined
}

export const itemsOf = (applied: readonly StepResult[]): InspectedItem[] =>
  applied.map(({ item, inspection }) => ({ id: item.id, inspection }))

/** Returns the statements that grant access in databases, with the IDs that are known so far. */
export function statementsOf(
  items: readonly InspectedItem[],
  { grants, identity }: Pick<Settings, 'grants' | 'identity'>,
): Statements[] {
  const out = (id: string) =>
    knownOutputs(items.find((each) => each.id === id)?.inspection) as Record<string, string | undefined>
  const workload = {
    name: identity,
    clientId: out('identity').clientId,
    principalId: out('service-principal').principalId,
  }
  return parseGrants(grants).flatMap((grant) => grant.target.statements?.(grant, workload) ?? [])
}

/** Returns the statements as one text, with the places as comments; undefined if there are none. */
const statementsAsText = (statements: readonly Statements[]): string | undefined =>
  statements.length
    ? statements.flatMap(({ where, lines }) => [`-- ${where}:`, ...lines]).join('\n')
    : undefined

/** Returns what a job outside a cluster needs in its definition; undefined for a workload in a cluster. */
export function snippetOf(applied: readonly StepResult[], settings: Settings): string | undefined {
  const { clientId } = knownOutputs(inspectionOf(applied, 'identity')) as { clientId?: string }
  const { tenant, subscription, audience, environment } = settings
  if (clientId === undefined) return undefined
  return issuerOf(settings)?.snippet({
    clientId,
    tenantId: tenant,
    subscriptionId: subscription,
    audience,
    environment,
  })
}
