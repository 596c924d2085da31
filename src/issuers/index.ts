import { UsageError } from '../base/usage-error.ts'
import { azureDevOps } from './azure-devops.ts'
import { flexibleFault } from './flexible.ts'
import { github } from './github.ts'
import { gitlab } from './gitlab.ts'
import type { Issuer, IssuerSettings, TrustedTokens } from './issuer.ts'
import { other } from './other.ts'
import { terraform } from './terraform.ts'

/** The issuers that `federate` knows by name. A new one is one line here. */
export const issuers: readonly Issuer[] = [github, gitlab, terraform, azureDevOps]

/** Returns the issuer of the settings; undefined for the service account of a cluster. */
export const issuerOf = ({ issuer }: IssuerSettings): Issuer | undefined =>
  issuer === undefined ? undefined : (issuers.find(({ name }) => name === issuer) ?? other)

/** A federated credential that a job needs, without its name. */
export interface WantedCredential extends TrustedTokens {
  /** Undefined while a setting that decides it is unknown. */
  issuer: string | undefined
}

/** Returns the federated credentials that the job of the settings needs. */
export function wantedCredentials(settings: IssuerSettings): WantedCredential[] {
  const found = issuerOf(settings)
  if (!found) return []
  const issuer = found.url(settings)
  const { subject, matching } = settings
  if (matching !== undefined) return [{ id: '', issuer, subject: '', expression: matching }]
  if (subject !== undefined) return [{ id: '', issuer, subject }]
  return found.tokens(settings).map((each) => ({ ...each, issuer }))
}

/** Returns which job uses the identity, for headings: `acme/shop, environment production`; undefined in a cluster. */
export function jobLabel(settings: IssuerSettings): string | undefined {
  if (!issuerOf(settings)) return undefined
  const { project, environment, branch, tag, pullRequest, subject, matching } = settings
  const exact = subject ?? matching
  if (project === undefined || exact !== undefined) return exact ?? settings.issuer
  if (environment !== undefined) return `${project}, environment ${environment}`
  if (branch !== undefined) return `${project}, branch ${branch}`
  if (tag !== undefined) return `${project}, tag ${tag}`
  return pullRequest ? `${project}, pull requests` : project
}

/** Throws a `UsageError` if the settings don't say which jobs may use the identity. */
export function requireJob(settings: IssuerSettings): void {
  const found = issuerOf(settings)
  if (!found) return
  const { subject, matching } = settings
  const fault =
    subject !== undefined && matching !== undefined
      ? { fault: "--subject and --matching can't be combined", allowed: 'one of them' }
      : (found.faultOf(settings) ?? flexibleFault(found.url(settings), matching))
  if (!fault) return
  throw new UsageError(`${found.title}: ${fault.fault}\n  ${fault.allowed}`)
}
