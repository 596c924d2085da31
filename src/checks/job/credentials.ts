import { withFlag } from '../../base/command.ts'
import type { FederatedCredential } from '../../clients/directory.ts'
import { ServiceError } from '../../clients/service-error.ts'
import { type AdditionalFinding, check, fail, pass } from '../../engine/check.ts'
import { issuerOf, type WantedCredential, wantedCredentials } from '../../issuers/index.ts'
import { issuerSettingNames } from '../../settings/issuer-settings.ts'
import { listCredentials, shownSubject } from '../../steps/credentials.ts'
import { byExchange } from '../proof.ts'
import { jobIdentity } from './identity.ts'

const equalsIgnoringCase = (one: string, other: string) => one.toLowerCase() === other.toLowerCase()

/** Returns which field of the closest credential differs, and how Entra refuses the token because of it. */
function describeDifference(
  all: readonly FederatedCredential[],
  wanted: WantedCredential,
  audience: string,
): { detail: string; is: string; should: string } | undefined {
  const [issuer, subject] = [wanted.issuer ?? '', shownSubject(wanted)]
  const ofSubject = all.filter((each) => shownSubject(each) === subject)
  const exact = ofSubject.filter((each) => each.issuer === issuer)
  if (exact.some((each) => each.audience === audience)) return undefined
  const [found] = exact
  if (found)
    return {
      detail: `The audience of federated credential ${found.name} isn't the token's (Entra: AADSTS700212)`,
      is: found.audience,
      should: audience,
    }
  if (ofSubject[0])
    return {
      detail: `The issuer of federated credential ${ofSubject[0].name} isn't the job's (Entra: AADSTS700211)`,
      is: ofSubject[0].issuer,
      should: issuer,
    }
  const ofIssuer = all.filter((each) => each.issuer === issuer)
  const almost = ofIssuer.find((each) => equalsIgnoringCase(shownSubject(each), subject))
  return {
    detail: almost
      ? `The subject of federated credential ${almost.name} differs from the job's in letter case (Entra: AADSTS7002138)`
      : 'No federated credential has the subject of the job (Entra: AADSTS700213)',
    is: (almost ? [almost] : ofIssuer).map(shownSubject).join(', ') || '(none)',
    should: subject,
  }
}

export const jobCredentials = check<FederatedCredential[]>()({
  code: 'WI120',
  title: "The federated credentials match the job's issuer, subject and audience",
  link: 'credential',
  uses: [...issuerSettingNames, 'tenant', 'audience'],
  needs: { identity: jobIdentity, account: jobIdentity },
  overruledBy: byExchange,
  async run(ctx) {
    const { settings, identity, command } = ctx
    const all = await listCredentials(ctx, identity)
    const [first, ...others] = wantedCredentials(settings)
      .map((wanted) => describeDifference(all, wanted, settings.audience))
      .filter((each) => each !== undefined)
      .map((each) => ({ ...each, remedy: command('federate'), transient: true }))
    if (!first) return pass(all)
    const more: AdditionalFinding[] = others.map((each) => ({ ...each, status: 'fail' }))
    return { ...fail(first), ...(more.length ? { more } : {}) }
  },
})

export const jobSubjectForm = check()({
  code: 'WI121',
  title: 'GitHub issues subjects in the form that the identity trusts',
  link: 'credential',
  uses: [...issuerSettingNames],
  needs: { identity: jobIdentity },
  excludedWhen: (settings) =>
    settings.issuer !== 'github' || settings.subject !== undefined || settings.matching !== undefined,
  async run({ settings, github, command }) {
    const { project = '', subjectForm = 'names' } = settings
    const found = await github(settings.issuerHost)
      .subjectCustomization(project)
      .catch((error: unknown) => {
        if (error instanceof ServiceError) return undefined
        throw error
      })
    if (!found?.prefix)
      return {
        status: 'skip',
        detail: `not checked: only administrators of ${project} can read it; set GITHUB_TOKEN`,
      }
    const trusted = wantedCredentials(settings).map(({ subject }) => subject)
    if (!found.useDefault && found.includeClaimKeys.length)
      return fail({
        detail: `${project} has a subject template of its own, so this credential can't match`,
        is: found.includeClaimKeys.join(', '),
        should: 'the default subject',
        remedy: 'Set --subject to the exact subject of the job, and run federate again',
      })
    if (trusted.some((each) => each.startsWith(`${found.prefix}:`))) return pass(true as const, found.prefix)
    return fail({
      detail: `The subjects of ${project} begin with a different prefix, so this credential can no longer match (Entra: AADSTS700213)`,
      is: found.prefix,
      should: `what the identity trusts: ${subjectForm === 'ids' ? 'IDs' : 'names'}`,
      remedy: withFlag(command('federate'), '--subject-form', found.prefix.includes('@') ? 'ids' : 'names'),
    })
  },
})

/** What a check of the job is about, for its messages. */
export const titleOf = (settings: Parameters<typeof issuerOf>[0]) => issuerOf(settings)!.title
