import { az } from '../base/command.ts'
import type { FederatedCredential } from '../clients/directory.ts'
import { check, fail, pass, warn } from '../engine/check.ts'
import { acceptsSubject, listCredentials, serviceAccountSubject } from '../steps/credentials.ts'
import { findDeadCredentials } from '../steps/dead-credentials.ts'
import { bindingCredential } from '../steps/identity-binding.ts'
import { identityExists } from './identity.ts'
import { issuerPublic } from './issuer.ts'

/** Entra's limit of federated credentials per identity. */
const limit = 20
const warnFrom = 18

export const credentialLimit = check()({
  code: 'WI407',
  title: 'The identity has fewer than 18 of 20 federated credentials',
  link: 'identity',
  level: 'warning',
  uses: ['namespace', 'serviceAccount'],
  needs: { identity: identityExists, issuer: issuerPublic },
  async run(ctx) {
    const { settings, identity, issuer } = ctx
    const credentials = await listCredentials(ctx, identity)
    if (credentials.length < warnFrom) return pass(true as const)
    const subject = serviceAccountSubject(settings)
    const exists = credentials.some((each) => each.issuer === issuer.issuer && acceptsSubject(each, subject))
    const own = credentials.filter(({ name }) => name !== bindingCredential)
    const [dead] = await findDeadCredentials(ctx, own)
    const candidate = dead ?? findUnneeded(own, issuer.issuer, subject)
    const remedy =
      identity.kind === 'app'
        ? az('ad app federated-credential delete', {
            id: identity.ref,
            'federated-credential-id': candidate.name,
          })
        : az('identity federated-credential delete', {
            yes: true,
            'resource-group': identity.group,
            'identity-name': identity.ref,
            name: candidate.name,
          })
    const finding = {
      detail: `The identity with client ID ${identity.clientId} has ${credentials.length} of at most ${limit} federated credentials; ${candidate.name} ${dead ? 'is for an issuer that no longer exists' : 'looks unused'}`,
      is: `${credentials.length}`,
      should: `fewer than ${warnFrom}`,
      remedy,
    }
    return credentials.length < limit || exists ? warn(true as const, finding) : fail(finding)
  },
})

/** Returns a credential of this subject from another issuer (such as a recreated cluster's old one), else of another issuer, else of another subject. */
const findUnneeded = (credentials: FederatedCredential[], issuer: string, subject: string) =>
  credentials.find((each) => acceptsSubject(each, subject) && each.issuer !== issuer) ??
  credentials.find((each) => each.issuer !== issuer) ??
  credentials.find((each) => !acceptsSubject(each, subject)) ??
  credentials[0]!
