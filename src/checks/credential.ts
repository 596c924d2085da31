import { withFlag } from '../base/command.ts'
import { withoutTrailingSlash } from '../base/trailing-slash.ts'
import type { FederatedCredential } from '../clients/directory.ts'
import { check, fail, pass } from '../engine/check.ts'
import type { Settings } from '../settings/settings.ts'
import {
  acceptsSubject,
  credentialName,
  listCredentials,
  serviceAccountSubject,
  shownSubject,
} from '../steps/credentials.ts'
import type { ClusterApi } from './cluster.ts'
import { credentialLimit } from './credential-limit.ts'
import { identityExists } from './identity.ts'
import { byExchangeOrBinding } from './identity-binding.ts'
import { injectedAudience, probePod } from './injection-probe.ts'
import { issuerPublic, tokenIssued } from './issuer.ts'
import { describeIdentity, findCredentialHolder, switchInstruction } from './other-identity.ts'
import { proofNeeds } from './proof-needs.ts'

/** Returns how many leading characters two texts share, ignoring case. */
const commonPrefix = (a: string, b: string) => {
  let length = 0
  while (length < a.length && a[length]?.toLowerCase() === b[length]?.toLowerCase()) length++
  return length
}

/** Returns the credential that was most likely meant: the one whose field shares the longest prefix with `want`. */
const closest = (all: readonly FederatedCredential[], field: 'issuer' | 'subject', want: string) =>
  all.toSorted((a, b) => commonPrefix(b[field], want) - commonPrefix(a[field], want))[0]

interface Credentials {
  all: FederatedCredential[]
  /** Those whose issuer equals the cluster's, byte for byte. */
  ofIssuer: FederatedCredential[]
}

export const issuerTrailingSlash = check<Credentials>()({
  code: 'WI103',
  title: "The federated credential's issuer keeps the trailing slash",
  link: 'credential',
  uses: ['resourceGroup', 'namespace', 'serviceAccount', 'audience'],
  // The token confirms the issuer: while it still carries an old one, there is nothing to compare with.
  needs: { identity: identityExists, issuer: issuerPublic, token: tokenIssued, ...proofNeeds },
  overruledBy: byExchangeOrBinding,
  async run(ctx) {
    const { issuer } = ctx.issuer
    const all = await listCredentials(ctx, ctx.identity)
    const ofIssuer = all.filter((each) => each.issuer === issuer)
    const almost = all.find((each) => withoutTrailingSlash(each.issuer) === withoutTrailingSlash(issuer))
    if (ofIssuer.length || !almost) return pass({ all, ofIssuer })
    return fail({
      detail: `The issuer of federated credential ${almost.name} differs from the cluster's only in the trailing slash (Entra: AADSTS700211)`,
      is: almost.issuer,
      should: issuer,
      remedy: ctx.command('federate', 'namespace', 'serviceAccount'),
    })
  },
})

export const credentialNotOverwritten = check<Credentials>()({
  code: 'WI111',
  title: "The federated credential created for this cluster has this cluster's issuer",
  link: 'credential',
  uses: ['namespace', 'serviceAccount', 'audience'],
  needs: { credentials: issuerTrailingSlash, issuer: issuerPublic, ...proofNeeds },
  overruledBy: byExchangeOrBinding,
  async run({ settings, credentials, issuer: { issuer }, command }) {
    // The name contains a hash of the issuer, so another issuer in it means that someone copied the name.
    const name = credentialName({ subject: serviceAccountSubject(settings), issuer })
    const named = credentials.all.find((each) => each.name === name)
    if (!named || named.issuer === issuer || credentials.ofIssuer.length) return pass(credentials)
    return fail({
      detail: `The federated credential ${name} was created for this cluster and overwritten with another cluster's issuer (Entra: AADSTS70021, intermittently)`,
      is: named.issuer,
      should: issuer,
      remedy: command('federate', 'namespace', 'serviceAccount'),
    })
  },
})

export const credentialOnIdentity = check<Credentials>()({
  code: 'WI115',
  title: "The service account's federated credential is on the identity that its annotation names",
  link: 'credential',
  uses: ['resourceGroup', 'identity', 'namespace', 'serviceAccount', 'audience'],
  needs: {
    identity: identityExists,
    credentials: credentialNotOverwritten,
    issuer: issuerPublic,
    ...proofNeeds,
  },
  overruledBy: byExchangeOrBinding,
  async run(ctx) {
    const { settings, identity, credentials, issuer, command } = ctx
    const subject = serviceAccountSubject(settings)
    if (credentials.ofIssuer.some((each) => acceptsSubject(each, subject))) return pass(credentials)
    const holder = await findCredentialHolder(ctx, { issuer: issuer.issuer, subject }, identity)
    if (!holder) return pass(credentials)
    return fail({
      detail: `The service account's federated credential is on ${describeIdentity(holder)}, not on the identity that the service account names (Entra: AADSTS70025, AADSTS700213)\n${ctx.print(switchInstruction(holder, identity))}`,
      is: holder.clientId,
      should: identity.clientId,
      remedy: command('federate', 'namespace', 'serviceAccount'),
      // A credential written just now may not be visible on the right identity yet.
      transient: true,
    })
  },
})

export const issuerTrusted = check<FederatedCredential[]>()({
  code: 'WI102',
  title: "A federated credential trusts the cluster's issuer",
  link: 'credential',
  uses: ['namespace', 'serviceAccount', 'audience'],
  needs: { credentials: credentialOnIdentity, limit: credentialLimit, issuer: issuerPublic, ...proofNeeds },
  overruledBy: byExchangeOrBinding,
  async run({ settings, credentials: { all, ofIssuer }, issuer: { issuer }, command }) {
    if (ofIssuer.length) return pass(ofIssuer)
    const remedy = command('federate', 'namespace', 'serviceAccount')
    const subject = serviceAccountSubject(settings)
    const ofSubject = all.filter((each) => acceptsSubject(each, subject))
    const found = closest(ofSubject.length ? ofSubject : all, 'issuer', issuer)
    return found
      ? fail({
          detail: `The issuer of federated credential ${found.name} is not this cluster's${ofSubject.length ? '; the cluster was recreated, or this is a different one' : ''} (Entra: AADSTS700211)`,
          is: found.issuer,
          should: issuer,
          remedy,
          transient: true,
        })
      : fail({
          detail: 'The identity has no federated credential (Entra: AADSTS70025)',
          is: '(none)',
          should: issuer,
          remedy,
          transient: true,
        })
  },
})

export const subjectCase = check<FederatedCredential[]>()({
  code: 'WI105',
  title: "The federated credential's subject matches the service account's letter case",
  link: 'credential',
  uses: ['namespace', 'serviceAccount', 'audience'],
  needs: { credentials: issuerTrusted, ...proofNeeds },
  overruledBy: byExchangeOrBinding,
  async run({ settings, credentials, command }) {
    const subject = serviceAccountSubject(settings)
    const almost = credentials.find((each) => each.subject.toLowerCase() === subject.toLowerCase())
    if (!almost || credentials.some((each) => acceptsSubject(each, subject))) return pass(credentials)
    return fail({
      detail: `The subject of federated credential ${almost.name} differs from the service account's in letter case (Entra: AADSTS7002138)`,
      is: almost.subject,
      should: subject,
      remedy: command('federate', 'namespace', 'serviceAccount'),
    })
  },
})

export const subjectMatches = check<FederatedCredential>()({
  code: 'WI104',
  title: "The federated credential's subject is this service account",
  link: 'credential',
  uses: ['namespace', 'serviceAccount', 'audience'],
  needs: { credentials: subjectCase, ...proofNeeds },
  overruledBy: byExchangeOrBinding,
  async run({ settings, credentials, command }) {
    const subject = serviceAccountSubject(settings)
    const found = credentials.find((each) => acceptsSubject(each, subject))
    if (found) return pass(found)
    const almost = closest(credentials, 'subject', subject)!
    return fail({
      detail: `The subject of federated credential ${almost.name} isn't this service account's (Entra: AADSTS700213)`,
      is: shownSubject(almost),
      should: subject,
      remedy: command('federate', 'namespace', 'serviceAccount'),
    })
  },
})

/** Audience of AKS identity bindings; Entra accepts it only through AKS's proxy. */
const bindingAudience = 'api://AKSIdentityBinding'

export const audienceMatches = check<FederatedCredential>()({
  code: 'WI106',
  title: "The federated credential's audience matches the token's",
  link: 'credential',
  uses: ['audience', 'namespace', 'serviceAccount', 'os', 'webhook'],
  needs: { credential: subjectMatches, ...proofNeeds },
  overruledBy: byExchangeOrBinding,
  async run({ settings, api, credential, command }) {
    if (credential.audience === settings.audience) return pass(credential)
    const mounted = await readMountedAudience(api, settings)
    const federate = command('federate', 'namespace', 'serviceAccount')
    const remedy =
      mounted === undefined || mounted === settings.audience
        ? federate
        : withFlag(federate, '--audience', mounted)
    if (credential.audience === mounted)
      return fail({
        detail: `The webhook mounts a token for the audience that federated credential ${credential.name} trusts, but --audience names another one (Entra: AADSTS700212)`,
        is: settings.audience,
        should: mounted,
        remedy,
      })
    const binding = credential.audience === bindingAudience
    return fail({
      detail: `The audience of federated credential ${credential.name} ${binding ? 'is for AKS identity bindings, which Entra rejects here' : "isn't the token's"} (Entra: AADSTS700212)`,
      is: credential.audience,
      should: mounted ?? settings.audience,
      remedy,
    })
  },
})

/** Returns the audience of the token that pods get from the webhook, if there is one and it responds. */
async function readMountedAudience(
  { kube }: ClusterApi,
  settings: Pick<Settings, 'namespace' | 'serviceAccount' | 'os' | 'webhook'>,
): Promise<string | undefined> {
  if (settings.webhook === 'none') return undefined
  try {
    return injectedAudience(await kube.dryRun(probePod(settings)))
  } catch {
    // The webhook's own checks report why.
    return undefined
  }
}
