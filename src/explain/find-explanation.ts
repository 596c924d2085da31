import { boundedPattern } from '../base/bounded-pattern.ts'
import type { ServiceName } from '../clients/service-error.ts'
import { aksExplanations } from './aks.ts'
import { applicationServiceExplanations } from './application-services.ts'
import { armExplanations } from './arm.ts'
import { dataPlaneExplanations } from './data-planes.ts'
import { databaseExplanations } from './databases.ts'
import { entraFederationExplanations } from './entra-federation.ts'
import { entraSignInExplanations } from './entra-sign-in.ts'
import type { Explanation } from './explanation.ts'
import { graphExplanations } from './graph.ts'
import { helmExplanations } from './helm.ts'
import { identityExplanations } from './identities-and-roles.ts'
import { kubernetesExplanations } from './kubernetes.ts'
import { messagingExplanations } from './messaging.ts'
import { networkExplanations } from './network.ts'
import { operatorExplanations } from './operators.ts'
import { otherIssuerExplanations } from './other-issuers.ts'
import { otherProgramExplanations } from './other-programs.ts'
import { storageExplanations } from './storage.ts'
import { uncodedMessageExplanations } from './uncoded-messages.ts'
import { vaultExplanations } from './vault.ts'

/** Of several matches the first wins; one with a `message` pattern precedes one without. */
const all: readonly Explanation[] = [
  ...otherIssuerExplanations,
  ...operatorExplanations,
  ...messagingExplanations,
  ...dataPlaneExplanations,
  ...applicationServiceExplanations,
  ...databaseExplanations,
  ...uncodedMessageExplanations,
  ...entraFederationExplanations,
  ...entraSignInExplanations,
  ...graphExplanations,
  ...aksExplanations,
  ...identityExplanations,
  ...vaultExplanations,
  ...storageExplanations,
  ...armExplanations,
  ...kubernetesExplanations,
  ...helmExplanations,
  ...otherProgramExplanations,
  ...networkExplanations,
]

/** All known service errors, with patterns that search any text in linear time. */
export const explanations: readonly Explanation[] = all.map((explanation) => ({
  ...explanation,
  ...(explanation.message && { message: boundedPattern(explanation.message) }),
  ...(explanation.values && { values: explanation.values.map(boundedPattern) }),
  ...(explanation.context && { context: boundedPattern(explanation.context) }),
}))

/** A failure as a service or a log reported it. */
export interface ServiceFailure {
  code: string | undefined
  innerCode?: string | undefined
  message: string
  /** Undefined if unknown, as in a log. */
  service?: ServiceName | undefined
  status?: number | undefined
  trace: string | undefined
}

/** An explanation, and the code of the failure that led to it. */
export interface Match {
  explanation: Explanation
  code: string
}

/** Returns the explanation for the code, else for the inner code, else for the message alone. */
export function findExplanation({ code, innerCode, message, service }: ServiceFailure): Match | undefined {
  const candidates = explanations.filter(
    ({ services }) => !services || !service || services.includes(service),
  )
  for (const name of [code, innerCode]) {
    if (!name) continue
    const sameCode = candidates.filter(({ codes }) => codes.includes(name))
    const explanation =
      sameCode.find((each) => each.message?.test(message)) ?? sameCode.find((each) => !each.message)
    if (explanation) return { explanation, code: name }
  }
  const explanation = candidates.find(
    (each) => each.message?.test(message) && (!each.context || each.context.test(message)),
  )
  return explanation && { explanation, code: innerCode ?? code ?? explanation.codes[0]! }
}
