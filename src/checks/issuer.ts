import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { check, fail, pass } from '../engine/check.ts'
import { clusterReadRights } from './kubernetes-rights.ts'
import { accountAnnotated } from './service-account.ts'

export const issuerPublic = check<{ issuer: string }>()({
  code: 'WI107',
  title: 'The cluster has a public issuer',
  link: 'issuer',
  uses: ['clusterResourceGroup', 'cluster'],
  needs: { api: clusterReadRights },
  async run({ api, command }) {
    if (api.aksIssuer === '')
      return fail({
        detail: "The AKS cluster's OIDC issuer is off",
        is: 'off',
        should: 'on',
        // Its issuer will be a new one, so the trust has to be made anew as well.
        remedy: command(''),
      })
    const issuer = api.aksIssuer ?? (await api.kube.issuer())
    const ways = 'Start the API server with an https --service-account-issuer whose documents Entra can read'
    if (issuer === undefined) return fail({ detail: 'The API server does not tell its issuer', remedy: ways })
    if (!issuer.startsWith('https://') || /^https:\/\/[^/]*\.(svc|local)([./:]|$)/.test(issuer))
      return fail({
        detail: 'Entra cannot read an issuer inside the cluster',
        is: issuer,
        should: 'https://… on the internet',
        remedy: ways,
      })
    return pass({ issuer }, issuer)
  },
})

export interface WorkloadToken {
  token: string
  kid: string | undefined
  issuer: string
  subject: string
  audiences: string[]
}

export const tokenIssued = check<WorkloadToken>()({
  code: 'WI112',
  title: 'The cluster issues a token for the service account, under its issuer',
  link: 'issuer',
  uses: ['namespace', 'serviceAccount', 'audience'],
  needs: { api: clusterReadRights, issuer: issuerPublic, account: accountAnnotated },
  async run({ settings, api, issuer, once, command }) {
    const { namespace, serviceAccount, audience } = settings
    const token = await once('token', () =>
      api.kube.token(namespace, serviceAccount, { audience, seconds: 3600 }),
    )
    const claims = decodeJwt(token)
    const aud = claims.aud ?? []
    if (claims.iss !== issuer.issuer)
      return fail({
        detail:
          'Tokens carry another issuer than the cluster tells; if it was switched on just now, that takes a minute',
        is: claims.iss ?? '(none)',
        should: issuer.issuer,
        remedy: `${command('verify')} --wait 5m`,
        transient: true,
      })
    return pass({
      token,
      kid: decodeProtectedHeader(token).kid,
      issuer: claims.iss,
      subject: claims.sub ?? '',
      audiences: typeof aud === 'string' ? [aud] : aud,
    })
  },
})

export const issuerDocumentsPublished = check()({
  code: 'WI108',
  title: "The issuer's documents are public and hold the token's key",
  link: 'issuer',
  uses: ['clusterResourceGroup', 'cluster'],
  needs: { api: clusterReadRights, issuer: issuerPublic, token: tokenIssued },
  async run({ issuer: { issuer }, token, issuers, clock, settings, api }) {
    const remedy =
      api.aksIssuer === undefined
        ? `Publish what the API server serves at /.well-known/openid-configuration and /openid/v1/jwks below ${issuer}, open to everybody`
        : // AKS publishes them again when the cluster is brought back to its goal state.
          `az aks update --resource-group ${settings.clusterResourceGroup} --name ${settings.cluster} --yes`
    let documents: Awaited<ReturnType<typeof issuers.documents>>
    try {
      documents = await issuers.documents(issuer)
    } catch (error) {
      return fail({ detail: (error as Error).message, remedy, transient: true })
    }
    if (documents.issuer !== issuer)
      return fail({
        detail: 'The discovery document names another issuer',
        is: documents.issuer,
        should: issuer,
        remedy,
      })
    if (!documents.jwksUri.startsWith('https://'))
      return fail({
        detail: 'The key set is not on https',
        is: documents.jwksUri,
        should: 'https://…',
        remedy,
      })
    if (!documents.keys.some(({ kid }) => kid === token.kid))
      return fail({
        detail: 'The published keys do not hold the one that signed the token (Entra: AADSTS7000272)',
        is: documents.keys.map(({ kid }) => kid).join(', ') || '(none)',
        should: token.kid ?? '(a key id)',
        remedy,
        transient: true,
      })
    const { alg } = decodeProtectedHeader(token.token)
    if (alg !== 'RS256')
      return fail({
        detail: 'Entra takes only RS256',
        is: alg ?? '(none)',
        should: 'RS256',
        remedy: 'Give the API server an RSA --service-account-signing-key-file',
      })
    try {
      await jwtVerify(token.token, createLocalJWKSet(documents.jwks as never), {
        issuer,
        clockTolerance: 300,
        currentDate: new Date(Date.now() + clock.skew()),
      })
    } catch (error) {
      return fail({
        detail: `The token does not verify with the published key: ${(error as Error).message}`,
        remedy,
      })
    }
    return pass(true as const, `${documents.keys.length} keys`)
  },
})
