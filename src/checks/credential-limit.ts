import type { FederatedCredential } from '../clients/directory.ts'
import { check, fail, pass, warn } from '../engine/check.ts'
import { listCredentials, serviceAccountSubject } from '../steps/credentials.ts'
import { identityExists } from './identity.ts'
import { issuerPublic } from './issuer.ts'

const most = 20
const soon = 18

export const credentialLimit = check()({
  code: 'WI407',
  title: 'The identity has room for more federated credentials',
  link: 'identity',
  level: 'warning',
  uses: ['resourceGroup', 'namespace', 'serviceAccount'],
  needs: { identity: identityExists, issuer: issuerPublic },
  async run(ctx) {
    const { settings, identity, issuer, quoted } = { ...ctx, quoted: (text: string) => `"${text}"` }
    const all = await listCredentials(ctx, identity)
    if (all.length < soon) return pass(true as const)
    const ours = all.some(
      (each) => each.issuer === issuer.issuer && each.subject === serviceAccountSubject(settings),
    )
    const spare = leastNeeded(all, issuer.issuer, serviceAccountSubject(settings))
    const remove =
      identity.kind === 'app'
        ? `az ad app federated-credential delete --id ${identity.ref} --federated-credential-id ${quoted(spare.name)}`
        : `az identity federated-credential delete --yes --resource-group ${settings.resourceGroup} --identity-name ${identity.ref} --name ${quoted(spare.name)}`
    const finding = {
      detail: `The identity has ${all.length} of ${most} federated credentials; ${spare.name} looks like one to spare`,
      is: `${all.length}`,
      should: `less than ${soon}`,
      remedy: remove,
    }
    return all.length < most || ours ? warn(true as const, finding) : fail(finding)
  },
})

/** One of this service account at another issuer (a cluster that was made anew), or else the first of another one. */
const leastNeeded = (all: FederatedCredential[], issuer: string, subject: string) =>
  all.find((each) => each.subject === subject && each.issuer !== issuer) ??
  all.find((each) => each.issuer !== issuer) ??
  all.find((each) => each.subject !== subject) ??
  all[0]!
