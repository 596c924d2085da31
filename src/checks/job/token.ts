import { decodeJwt } from 'jose'
import { instruction, withArgs, withFlag } from '../../base/command.ts'
import { matchesExpression } from '../../clients/claims-expression.ts'
import { hasCode } from '../../clients/service-error.ts'
import { check, fail, pass, type Verdict } from '../../engine/check.ts'
import { retryRule } from '../../engine/retry-rules.ts'
import { explain } from '../../explain/index.ts'
import { wantedCredentials } from '../../issuers/index.ts'
import type { IssuerSettings } from '../../issuers/issuer.ts'
import { issuerSettingNames } from '../../settings/issuer-settings.ts'
import { principalExists } from '../identity.ts'
import { type Exchange, exchangeToken } from '../proof.ts'
import { replicationErrors, tokenExchange } from '../token-exchange.ts'
import { jobCredentials, titleOf } from './credentials.ts'
import { jobIdentity, jobIssuerPublic, NotInJob } from './identity.ts'

const uses = [...issuerSettingNames, 'tenant', 'audience'] as const

/** Returns a GitHub subject without the immutable IDs of owner and repository. */
const withoutIds = (subject: string) => subject.replace(/@\d+(?=[/:])/g, '')

/** Whether one of the credentials of the settings is for the claims. */
const isTrusted = (settings: IssuerSettings, claims: Claims): boolean =>
  wantedCredentials(settings).some(({ issuer, subject, expression }) =>
    issuer !== claims.iss
      ? false
      : expression === undefined
        ? subject === claims.sub
        : matchesExpression(expression, claims as Record<string, string>),
  )

type Claims = { iss: string; sub: string; aud: string }

export const jobToken = check()({
  code: 'WI122',
  title: 'The identity trusts the token of this job',
  link: 'issuer',
  uses,
  needs: { identity: jobIdentity, account: jobIdentity },
  async run({ settings, account, command }): Promise<Verdict<true>> {
    let token: string
    try {
      token = await account.requestToken()
    } catch (error) {
      if (!(error instanceof NotInJob)) throw error
      return {
        status: 'skip',
        detail: `not proven: only a job of ${titleOf(settings)} can get its token. Access is inferred from roles; to prove it, run verify in the job`,
      }
    }
    const { iss = '(none)', sub = '(none)', aud = '' } = decodeJwt(token)
    const audience = [aud].flat().join(', ')
    if (!isTrusted(settings, { iss, sub, aud: audience })) {
      const otherForm = wantedCredentials(settings).some(
        ({ subject }) => withoutIds(subject) === withoutIds(sub),
      )
      const form = sub === withoutIds(sub) ? 'names' : 'ids'
      return fail({
        detail: otherForm
          ? `The subject of this job has a different form from the credential's: ${form} (Entra: AADSTS700213)`
          : 'This is not the job that the identity trusts: its token has a different issuer or subject',
        is: `${iss} ${sub}`,
        should: wantedCredentials(settings)
          .map(({ issuer, subject, expression }) => `${issuer} ${expression ?? subject}`)
          .join(', '),
        remedy: otherForm
          ? withFlag(command('federate'), '--subject-form', form)
          : instruction`Run verify in the job that the identity is for. If this job is meant, trust it instead: ${withFlag(command('federate'), '--subject', sub)}`,
      })
    }
    if (audience !== settings.audience)
      return fail({
        detail: 'The token of this job is for another audience (Entra: AADSTS700212)',
        is: audience,
        should: settings.audience,
        remedy: command('federate'),
      })
    return pass(true as const, sub)
  },
})

export const jobTokenExchange = check<{ exchange: Exchange }>()({
  code: 'WI123',
  title: "Entra accepts the job's token",
  link: 'credential',
  uses,
  needs: { token: jobToken, account: jobIdentity },
  replaces: [tokenExchange],
  explainedBy: [jobIssuerPublic, jobCredentials, principalExists],
  async run(ctx) {
    const exchanged = await exchangeToken(ctx)
    if ('exchange' in exchanged) return pass(exchanged)
    const { error } = exchanged
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
