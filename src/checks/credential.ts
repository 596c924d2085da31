import type { FederatedCredential } from '../clients/directory.ts'
import { check, fail, pass } from '../engine/check.ts'
import { credentialsOf, subjectOf } from '../steps/federated-credential.ts'
import { identityExists } from './identity.ts'
import { issuerIsPublic } from './issuer.ts'

/** How many leading characters two texts share: the nearest credential is the one that was meant. */
const alike = (a: string, b: string) => {
  let n = 0
  while (n < a.length && a[n]?.toLowerCase() === b[n]?.toLowerCase()) n++
  return n
}

const nearest = (all: FederatedCredential[], field: 'issuer' | 'subject', want: string) =>
  all.toSorted((a, b) => alike(b[field], want) - alike(a[field], want))[0]

export const issuerTrusted = check<FederatedCredential[]>()({
  code: 'WI102',
  title: "A federated credential trusts the cluster's issuer",
  link: 'credential',
  uses: ['resourceGroup', 'namespace', 'serviceAccount'],
  needs: { identity: identityExists, issuer: issuerIsPublic },
  async run(ctx) {
    const {
      settings,
      identity,
      issuer: { issuer },
      command,
    } = ctx
    const all = await credentialsOf(ctx, identity)
    const trusting = all.filter((each) => each.issuer === issuer)
    if (trusting.length) return pass(trusting)
    const mend = command('federate', 'namespace', 'serviceAccount')
    const subject = subjectOf(settings)
    const meant = all.filter((each) => each.subject === subject)
    const found = nearest(meant.length ? meant : all, 'issuer', issuer)
    return found
      ? fail({
          detail: "The credential's issuer is not this cluster's (Entra: AADSTS700211)",
          is: found.issuer,
          should: issuer,
          mend,
          transient: true,
        })
      : fail({
          detail: 'The identity has no federated credential (Entra: AADSTS70025)',
          mend,
          transient: true,
        })
  },
})

export const subjectTrusted = check<FederatedCredential>()({
  code: 'WI104',
  title: 'Its subject is this service account',
  link: 'credential',
  uses: ['namespace', 'serviceAccount'],
  needs: { trusting: issuerTrusted },
  async run({ settings, trusting, command }) {
    const subject = subjectOf(settings)
    const found = trusting.find((each) => each.subject === subject)
    if (found) return pass(found)
    const other = nearest(trusting, 'subject', subject)!
    const onlyCase = other.subject.toLowerCase() === subject.toLowerCase()
    return fail({
      detail: onlyCase
        ? "The credential's subject differs in upper and lower case (Entra: AADSTS7002138)"
        : "The credential's subject is not this service account's (Entra: AADSTS700213)",
      is: other.subject,
      should: subject,
      mend: command('federate', 'namespace', 'serviceAccount'),
    })
  },
})

export const audienceTrusted = check<FederatedCredential>()({
  code: 'WI106',
  title: "Its audience is the tokens'",
  link: 'credential',
  uses: ['audience', 'namespace', 'serviceAccount'],
  needs: { credential: subjectTrusted },
  async run({ settings, credential, command }) {
    if (credential.audience === settings.audience) return pass(credential)
    return fail({
      detail: "The credential's audience is not the tokens' (Entra: AADSTS700212)",
      is: credential.audience,
      should: settings.audience,
      mend: command('federate', 'namespace', 'serviceAccount'),
    })
  },
})
