import { parseExpression } from './claims-expression.ts'
import { GraphError } from './errors.ts'
import type { FederatedCredentialObject } from './state.ts'

type ClaimsMatchingExpression = NonNullable<FederatedCredentialObject['claimsMatchingExpression']>

/** The issuers whose tokens an expression can match, and the claims that it can compare. None is a Kubernetes cluster. */
const supportedIssuers: [RegExp, readonly string[]][] = [
  [/^https:\/\/token\.actions\.githubusercontent\.com$/, ['sub', 'job_workflow_ref']],
  [/^https:\/\/gitlab(\.[a-z0-9-]+)?\.com$/, ['sub']],
  [/^https:\/\/gitlab\.ca$/, ['sub']],
  [/^https:\/\/app\.(eu\.)?terraform\.io$/, ['sub']],
]

const invalid = (message: string) => new GraphError(400, 'InvalidFederatedIdentityCredentialValue', message)

/** Returns the `claimsMatchingExpression` of a body. Throws 400 unless Entra would evaluate it for this issuer. */
export function readExpression(value: unknown, issuer: unknown): ClaimsMatchingExpression {
  const { value: text, languageVersion } = value as Partial<ClaimsMatchingExpression>
  if (typeof text !== 'string' || text === '')
    throw invalid('FederatedIdentityCredential claimsMatchingExpression must have a value.')
  if (languageVersion !== 1)
    throw invalid('FederatedIdentityCredential claimsMatchingExpression must have the languageVersion 1.')
  const claims = supportedIssuers.find(([pattern]) => pattern.test(String(issuer)))?.[1]
  if (!claims)
    throw invalid(
      `FederatedIdentityCredential claimsMatchingExpression is not supported for issuer ${issuer}.`,
    )
  const comparisons = parseExpression(text)
  if (!comparisons)
    throw invalid(`FederatedIdentityCredential claimsMatchingExpression '${text}' is not a valid expression.`)
  const unsupported = comparisons.find(({ claim }) => !claims.includes(claim))
  if (unsupported)
    throw invalid(
      `FederatedIdentityCredential claimsMatchingExpression can't use the claim '${unsupported.claim}' of issuer ${issuer}.`,
    )
  // GitLab subjects by path are refused; the accepted form is project_id:N:*.
  if (
    /^https:\/\/gitlab\./.test(String(issuer)) &&
    comparisons.some((each) => /^project_path:/.test(each.text))
  )
    throw invalid(`FederatedIdentityCredential claimsMatchingExpression '${text}' is not a valid expression.`)
  return { value: text, languageVersion: 1 }
}
