import { instruction } from '../../base/command.ts'
import { check, fail, pass, warn } from '../../engine/check.ts'
import { issuerOf } from '../../issuers/index.ts'
import { issuerSettingNames } from '../../settings/issuer-settings.ts'
import type { Identity } from '../../steps/identity.ts'
import { publicHosts } from '../../steps/token-issuer.ts'
import { configuredIdentity, identityExists } from '../identity.ts'
import { type AccountAnnotations, accountAnnotated } from '../service-account.ts'

/** Thrown in place of a token: only the job itself can get one. */
export class NotInJob extends Error {}

export const jobIssuerPublic = check<{ issuer: string }>()({
  code: 'WI118',
  title: "The job's issuer publishes its discovery document and RS256 keys",
  link: 'issuer',
  uses: ['issuer', 'issuerHost', 'ownerId', 'subjectForm', 'tenant'],
  needs: {},
  async run({ settings, issuers }) {
    const issuer = issuerOf(settings)!.url(settings)!
    const remedy = instruction`Make ${issuer}/.well-known/openid-configuration and the key set that it names readable over HTTPS without sign-in`
    let documents: Awaited<ReturnType<typeof issuers.documents>>
    try {
      documents = await issuers.documents(issuer)
    } catch (error) {
      const detail = (error as Error).message
      return publicHosts.test(new URL(issuer).hostname)
        ? warn(
            { issuer },
            { detail: `${detail}. Entra may still read it`, remedy: 'Check the network of this machine' },
          )
        : fail({ detail, remedy, transient: true })
    }
    if (documents.issuer !== issuer)
      return fail({
        detail: 'The discovery document names a different issuer (Entra: AADSTS700211)',
        is: documents.issuer,
        should: issuer,
        remedy,
      })
    if (!documents.keys.some(({ kty, alg = 'RS256' }) => kty === 'RSA' && alg === 'RS256'))
      return fail({
        detail: 'The issuer has no RSA key for RS256, the only algorithm that Entra accepts',
        is: documents.keys.map(({ alg, kty }) => alg ?? kty).join(', ') || '(none)',
        should: 'RS256',
        remedy: 'Configure the issuer to sign tokens with an RSA key',
      })
    return pass({ issuer }, issuer)
  },
})

/** Also says how to get the token of the job, so that checks of the vault can use it. */
export const jobIdentity = check<Identity & AccountAnnotations>()({
  code: 'WI119',
  title: 'The identity of the job exists',
  link: 'identity',
  uses: ['identity', 'identityKind', 'identityResourceGroup', 'tenant', 'audience', ...issuerSettingNames],
  needs: {},
  replaces: [identityExists, accountAnnotated],
  async run(ctx) {
    const { settings, job, once, command } = ctx
    const found = await configuredIdentity(settings, ctx)
    if (!found)
      return fail({
        detail: `There is no identity ${settings.identity}`,
        remedy: command('federate'),
      })
    const requestToken = () =>
      once('token', async () => {
        const token = await issuerOf(settings)!.jobToken(job, settings)
        if (token === undefined) throw new NotInJob()
        return token
      })
    return pass({ ...found, tenantId: settings.tenant, annotations: {}, requestToken }, found.clientId)
  },
})
