import { ActionRequiredError } from '../base/action-required.ts'
import { withoutTrailingSlash } from '../base/trailing-slash.ts'
import { ServiceError } from '../clients/service-error.ts'
import { type Inspection, step } from '../engine/step.ts'
import { issuerOf } from '../issuers/index.ts'

/** Hosts of public services, which Entra reads even where this machine can't. */
export const publicHosts =
  /(^|\.)(githubusercontent\.com|ghe\.com|gitlab\.com|terraform\.io|microsoftonline\.com)$/

/** The issuer of a job's tokens, which someone else runs: wi-setup only reads its public documents. */
export const tokenIssuer = step<{ issuer: string }>()({
  id: 'issuer',
  title: 'token issuer',
  uses: ['issuer', 'issuerHost', 'ownerId', 'subjectForm', 'tenant'],
  needs: {},
  label: (settings) => issuerOf(settings)!.title,
  async inspect({ settings, issuers }): Promise<Inspection<{ issuer: string }>> {
    const known = issuerOf(settings)!
    const issuer = known.url(settings)!
    const ready = { state: 'ready' as const, out: { issuer }, owned: false, note: issuer }
    try {
      const documents = await issuers.documents(issuer)
      if (documents.issuer !== issuer) throw wrongIssuer(issuer, documents.issuer)
      return ready
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error
      if (publicHosts.test(new URL(issuer).hostname))
        return { ...ready, note: `${issuer}, which can't be read from here` }
      throw new ActionRequiredError(
        `The issuer ${issuer} can't be used: ${error.message}`,
        'Entra must be able to read the discovery document and the key set over HTTPS without sign-in. Check --issuer, or publish the documents',
        error,
      )
    }
  },
  apply: async () => {},
})

/** Entra compares the token's `iss` with the credential's byte for byte. */
function wrongIssuer(given: string, published: string): ActionRequiredError {
  const onlySlash = withoutTrailingSlash(given) === withoutTrailingSlash(published)
  return new ActionRequiredError(
    `The issuer names itself ${published}, not ${given}${onlySlash ? '; they differ only in the trailing slash, and Entra compares every character' : ''}`,
    `Set --issuer ${published}`,
  )
}
