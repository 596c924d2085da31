import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { az, instruction, withArgs } from '../base/command.ts'
import { check, fail, pass } from '../engine/check.ts'
import { distributionOf, distributionOfIssuer } from '../issuers/distributions.ts'
import { isPrivateIssuer } from '../issuers/private-issuer.ts'
import { publishRemedy } from '../issuers/publish-remedy.ts'
import { clusterReadRights } from './kubernetes-rights.ts'
import { byExchange } from './proof.ts'
import { accountAnnotated } from './service-account.ts'

export const issuerPublic = check<{ issuer: string }>()({
  code: 'WI107',
  title: "The cluster's issuer is a public HTTPS URL",
  link: 'issuer',
  uses: ['clusterResourceGroup', 'cluster'],
  needs: { api: clusterReadRights },
  async run({ settings, api, command }) {
    if (api.aksIssuer === '')
      return fail({
        detail: `The OIDC issuer of AKS cluster ${settings.cluster} is off`,
        is: 'off',
        should: 'on',
        // Turning it on creates a new issuer, so the federated credential must change too.
        remedy: command(''),
      })
    const issuer = api.aksIssuer ?? (await api.kube.issuer())
    const publish = command('issuer publish', 'kubeconfig', 'context')
    if (issuer === undefined)
      return fail({
        detail: "The API server doesn't publish its issuer",
        remedy: instruction`Start the API server with an https --service-account-issuer whose documents are public; ${publish} prints the flags`,
      })
    if (isPrivateIssuer(issuer))
      return fail({
        detail: 'The issuer URL is only reachable inside the cluster, so Entra cannot read it',
        is: issuer,
        should: 'a public https:// URL',
        remedy: publishRemedy(await distributionOf(api.kube), publish),
      })
    const known = distributionOfIssuer(issuer)
    return pass({ issuer }, known && known.name !== 'aks' ? `${issuer} (${known.title})` : issuer)
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
  title: 'The cluster issues service account tokens under its issuer',
  link: 'issuer',
  uses: ['namespace', 'serviceAccount'],
  needs: { issuer: issuerPublic, account: accountAnnotated },
  async run({ settings, issuer, account, command }) {
    const { namespace, serviceAccount } = settings
    const token = await account.requestToken()
    const claims = decodeJwt(token)
    const aud = claims.aud ?? []
    if (claims.iss !== issuer.issuer)
      return fail({
        detail: `The token of ${namespace}/${serviceAccount} carries a different issuer than the cluster reports; after the OIDC issuer is turned on, this takes about a minute`,
        is: claims.iss ?? '(none)',
        should: issuer.issuer,
        remedy: withArgs(command('verify'), '--wait', '5m'),
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
  title: "The issuer's OIDC documents are public and contain the token's signing key",
  link: 'issuer',
  uses: ['clusterResourceGroup', 'cluster', 'namespace', 'serviceAccount', 'audience'],
  needs: { api: clusterReadRights, issuer: issuerPublic, token: tokenIssued, account: accountAnnotated },
  overruledBy: byExchange,
  async run({ issuer: { issuer }, token, issuers, clock, settings, api, command }) {
    const remedy =
      api.aksIssuer === undefined
        ? instruction`Publish the API server's /.well-known/openid-configuration and /openid/v1/jwks under ${issuer}, readable without sign-in: ${command('issuer publish', 'kubeconfig', 'context')}`
        : // An update without changes makes AKS publish them again.
          az('aks update', {
            'resource-group': settings.clusterResourceGroup,
            name: settings.cluster,
            yes: true,
          })
    let documents: Awaited<ReturnType<typeof issuers.documents>>
    try {
      documents = await issuers.documents(issuer)
    } catch (error) {
      return fail({ detail: (error as Error).message, remedy, transient: true })
    }
    if (documents.issuer !== issuer)
      return fail({
        detail: 'The discovery document names a different issuer',
        is: documents.issuer,
        should: issuer,
        remedy,
      })
    if (!documents.jwksUri.startsWith('https://'))
      return fail({
        detail: "The issuer's key set (jwks_uri) isn't served over HTTPS",
        is: documents.jwksUri,
        should: 'https://…',
        remedy,
      })
    if (!documents.keys.some(({ kid }) => kid === token.kid))
      return fail({
        detail: "The published keys don't include the one that signed the token (Entra: AADSTS7000272)",
        is: documents.keys.map(({ kid }) => kid).join(', ') || '(none)',
        should: token.kid ?? '(a key ID)',
        remedy,
        transient: true,
      })
    const { alg } = decodeProtectedHeader(token.token)
    if (alg !== 'RS256')
      return fail({
        detail: 'The token is not signed with RS256, the only algorithm that Entra accepts',
        is: alg ?? '(none)',
        should: 'RS256',
        remedy: instruction`Start the API server with an RSA --service-account-signing-key-file`,
      })
    try {
      await jwtVerify(token.token, createLocalJWKSet(documents.jwks as never), {
        issuer,
        clockTolerance: 300,
        currentDate: new Date(Date.now() + clock.skew()),
      })
    } catch (error) {
      return fail({
        detail: `The token's signature does not verify with the published key: ${(error as Error).message}`,
        remedy,
      })
    }
    return pass(true as const, `${documents.keys.length} ${documents.keys.length === 1 ? 'key' : 'keys'}`)
  },
})
