import type { JobFault } from './issuer.ts'

/** The issuers whose tokens Entra compares with expressions, and the claims that an expression may use. */
const supported: readonly [issuer: RegExp, claims: readonly string[]][] = [
  [/^https:\/\/token\.actions\.githubusercontent\.com$/, ['sub', 'job_workflow_ref']],
  [/^https:\/\/gitlab(\.[a-z0-9-]+)?\.(com|ca)$/, ['sub']],
  [/^https:\/\/app\.(eu\.)?terraform\.io$/, ['sub']],
]

/** What a flexible credential costs, for the plan. */
export const flexibleCost =
  'preview: az, azwi and Graph v1.0 can no longer list the credentials of this application'

/** Returns why Entra would refuse the expression for the issuer. */
export function flexibleFault(
  issuer: string | undefined,
  expression: string | undefined,
): JobFault | undefined {
  if (expression === undefined || issuer === undefined) return undefined
  const claims = supported.find(([pattern]) => pattern.test(issuer))?.[1]
  if (!claims)
    return {
      fault: `--matching does not apply to the issuer ${issuer}`,
      allowed: 'Entra matches expressions for github.com, gitlab.com and HCP Terraform only; use --subject',
    }
  const used = [...expression.matchAll(/claims\['(\w+)'\]/g)].map(([, claim]) => claim!)
  const unknown = used.find((claim) => !claims.includes(claim))
  return unknown === undefined
    ? undefined
    : { fault: `--matching can't use the claim ${unknown}`, allowed: claims.join(', ') }
}
