import type { FederatedCredential } from '../clients/directory.ts'
import { check, fail, pass } from '../engine/check.ts'
import { credentialName, listCredentials, serviceAccountSubject } from '../steps/credentials.ts'
import { credentialLimit } from './credential-limit.ts'
import { identityExists } from './identity.ts'
import { issuerPublic, tokenIssued } from './issuer.ts'
import { describeIdentity, findCredentialHolder, switchInstruction } from './other-identity.ts'

/** How many leading characters two texts share: the nearest credential is the one that was meant. */
const alike = (a: string, b: string) => {
  let n = 0
  while (n < a.length && a[n]?.toLowerCase() === b[n]?.toLowerCase()) n++
  return n
}

const nearest = (all: readonly FederatedCredential[], field: 'issuer' | 'subject', want: string) =>
  all.toSorted((a, b) => alike(b[field], want) - alike(a[field], want))[0]

interface Trust {
  all: FederatedCredential[]
  /** Those of the cluster's issuer, byte for byte. */
  trusting: FederatedCredential[]
}

const bare = (issuer: string) => issuer.replace(/\/+$/, '')

export const issuerTrailingSlash = check<Trust>()({
  code: 'WI103',
  title: 'No credential has the issuer with its final slash lost',
  link: 'credential',
  uses: ['resourceGroup', 'namespace', 'serviceAccount'],
  // Of what the tokens carry: while that is another issuer than AKS tells, there is nothing to compare with.
  needs: { identity: identityExists, issuer: issuerPublic, token: tokenIssued },
  async run(ctx) {
    const { issuer } = ctx.issuer
    const all = await listCredentials(ctx, ctx.identity)
    const trusting = all.filter((each) => each.issuer === issuer)
    const almost = all.find((each) => bare(each.issuer) === bare(issuer))
    if (trusting.length || !almost) return pass({ all, trusting })
    return fail({
      detail:
        "The credential's issuer differs from the cluster's in the final slash only (Entra: AADSTS700211)",
      is: almost.issuer,
      should: issuer,
      remedy: ctx.command('federate', 'namespace', 'serviceAccount'),
    })
  },
})

export const credentialNotOverwritten = check<Trust>()({
  code: 'WI111',
  title: 'No other cluster writes into the credential of this one',
  link: 'credential',
  uses: ['namespace', 'serviceAccount'],
  needs: { trust: issuerTrailingSlash, issuer: issuerPublic },
  async run({ settings, trust, issuer: { issuer }, command }) {
    // Its name holds a hash of this issuer, so only somebody who copied the name can have written another one into it.
    const name = credentialName(settings, issuer)
    const ours = trust.all.find((each) => each.name === name)
    if (!ours || ours.issuer === issuer || trust.trusting.length) return pass(trust)
    return fail({
      detail: `The credential ${name} was made for this cluster, and rewritten for another one (Entra: AADSTS70021, now and then)`,
      is: ours.issuer,
      should: issuer,
      remedy: command('federate', 'namespace', 'serviceAccount'),
    })
  },
})

export const credentialOnIdentity = check<Trust>()({
  code: 'WI115',
  title: "The service account's credential is not on another identity",
  link: 'credential',
  uses: ['resourceGroup', 'identity', 'namespace', 'serviceAccount'],
  needs: { identity: identityExists, trust: credentialNotOverwritten, issuer: issuerPublic },
  async run(ctx) {
    const { settings, identity, trust, issuer, command } = ctx
    const subject = serviceAccountSubject(settings)
    if (trust.trusting.some((each) => each.subject === subject)) return pass(trust)
    const holder = await findCredentialHolder(ctx, { issuer: issuer.issuer, subject }, identity)
    if (!holder) return pass(trust)
    return fail({
      detail: `The service account's credential is on ${describeIdentity(holder)}, and not on the identity that it names (Entra: AADSTS70025, AADSTS700213)\n${switchInstruction(holder, identity)}`,
      is: holder.clientId,
      should: identity.clientId,
      remedy: command('federate', 'namespace', 'serviceAccount'),
      // What was written this moment may not be seen yet on the right one.
      transient: true,
    })
  },
})

export const issuerTrusted = check<FederatedCredential[]>()({
  code: 'WI102',
  title: "A federated credential trusts the cluster's issuer",
  link: 'credential',
  uses: ['namespace', 'serviceAccount'],
  needs: { trust: credentialOnIdentity, room: credentialLimit, issuer: issuerPublic },
  async run({ settings, trust: { all, trusting }, issuer: { issuer }, command }) {
    if (trusting.length) return pass(trusting)
    const remedy = command('federate', 'namespace', 'serviceAccount')
    const subject = serviceAccountSubject(settings)
    const meant = all.filter((each) => each.subject === subject)
    const found = nearest(meant.length ? meant : all, 'issuer', issuer)
    return found
      ? fail({
          detail: `The credential's issuer is not this cluster's${meant.length ? '; the cluster was made anew, or is another one' : ''} (Entra: AADSTS700211)`,
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
  title: 'No credential names the service account in other upper and lower case',
  link: 'credential',
  uses: ['namespace', 'serviceAccount'],
  needs: { trusting: issuerTrusted },
  async run({ settings, trusting, command }) {
    const subject = serviceAccountSubject(settings)
    const almost = trusting.find((each) => each.subject.toLowerCase() === subject.toLowerCase())
    if (!almost || trusting.some((each) => each.subject === subject)) return pass(trusting)
    return fail({
      detail: "The credential's subject differs in upper and lower case (Entra: AADSTS7002138)",
      is: almost.subject,
      should: subject,
      remedy: command('federate', 'namespace', 'serviceAccount'),
    })
  },
})

export const subjectMatches = check<FederatedCredential>()({
  code: 'WI104',
  title: "A credential's subject is this service account",
  link: 'credential',
  uses: ['namespace', 'serviceAccount'],
  needs: { trusting: subjectCase },
  async run({ settings, trusting, command }) {
    const subject = serviceAccountSubject(settings)
    const found = trusting.find((each) => each.subject === subject)
    if (found) return pass(found)
    return fail({
      detail: "The credential's subject is not this service account's (Entra: AADSTS700213)",
      is: nearest(trusting, 'subject', subject)!.subject,
      should: subject,
      remedy: command('federate', 'namespace', 'serviceAccount'),
    })
  },
})

/** Tokens of AKS identity bindings; Entra takes them only by AKS's own way. */
const bindingAudience = 'api://AKSIdentityBinding'

export const audienceMatches = check<FederatedCredential>()({
  code: 'WI106',
  title: "Its audience is the tokens'",
  link: 'credential',
  uses: ['audience', 'namespace', 'serviceAccount'],
  needs: { credential: subjectMatches },
  async run({ settings, credential, command }) {
    if (credential.audience === settings.audience) return pass(credential)
    const binding = credential.audience === bindingAudience
    return fail({
      detail: `The credential's audience is ${binding ? 'that of AKS identity bindings, which Entra does not take' : "not the tokens'"} (Entra: AADSTS700212)`,
      is: credential.audience,
      should: settings.audience,
      remedy: command('federate', 'namespace', 'serviceAccount'),
    })
  },
})
