import { withArgs } from '../base/command.ts'
import { hasCode } from '../clients/service-error.ts'
import { check, couldNotRun, fail, pass } from '../engine/check.ts'
import { retryRule } from '../engine/retry-rules.ts'
import { explain } from '../explain/index.ts'
import { clocksInSync } from './clock.ts'
import { audienceMatches } from './credential.ts'
import { identityExists, principalExists } from './identity.ts'
import { boundIdentityAllowed, boundWorkload, identityBound, podsOptIn } from './identity-binding.ts'
import { issuerDocumentsPublished, tokenIssued } from './issuer.ts'
import { type Exchange, exchangeToken } from './proof.ts'
import { proofNeeds } from './proof-needs.ts'
import { tenantAnnotation } from './service-account.ts'

/** Errors that Entra returns while a new credential replicates. All fields were compared before, so they are expected to go away. */
export const replicationErrors = [
  'AADSTS70021',
  'AADSTS700211',
  'AADSTS700212',
  'AADSTS700213',
  'AADSTS70025',
  'AADSTS700016',
  'AADSTS7000229',
  'AADSTS7000272',
  'AADSTS50166',
  'AADSTS501661',
  'AADSTS90061',
]

export const tokenExchange = check<{ exchange: Exchange }>()({
  code: 'WI101',
  title: "Entra accepts the service account's token",
  link: 'credential',
  uses: ['namespace', 'serviceAccount', 'audience'],
  needs: { token: tokenIssued, ...proofNeeds },
  explainedBy: [
    identityBound,
    boundIdentityAllowed,
    podsOptIn,
    audienceMatches,
    issuerDocumentsPublished,
    identityExists,
    principalExists,
    tenantAnnotation,
    clocksInSync,
  ],
  async run(ctx) {
    const exchanged = await exchangeToken(ctx)
    if ('exchange' in exchanged) return pass(exchanged)
    if (await boundWorkload(ctx))
      return couldNotRun(
        'only pods can exchange the tokens of an identity binding, through the API server of AKS',
      )
    const { error } = exchanged
    // The retry table decides how long an outage of Entra is worth waiting for.
    if (retryRule(error)) throw error
    const { what, remedy, trace } = explain(error)
    if (!hasCode(error, ...replicationErrors)) return fail({ detail: what, remedy, trace })
    return fail({
      detail: `${what}\nAll fields match, so the change has probably not replicated in Entra yet.`,
      remedy: withArgs(ctx.command('verify'), '--wait', '5m'),
      transient: true,
      trace,
    })
  },
})
