import { sha256 } from '../base/sha256.ts'
import { valueRules } from './rules.ts'
import { type SettingSpec, setting } from './setting-spec.ts'
import type { SettingName, Settings } from './settings.ts'

const isCluster = (known: Partial<Settings>) => known.issuer === undefined
const trusting = (what: string) => ({ would: `let tokens of ${what} act as the identity` })

/** Which jobs outside a cluster use the identity. */
export const issuerSettings: readonly SettingSpec[] = [
  setting<'issuer'>({
    name: 'issuer',
    group: 'Issuer',
    kind: 'text',
    description: 'Token issuer to use instead of a cluster: github, gitlab, terraform, azure-devops or a URL',
    placeholder: 'name|URL',
    example: 'https://oidc.example.com',
    rule: valueRules.issuer,
    optional: true,
    trust: trusting('this issuer'),
  }),
  setting<'issuerHost'>({
    name: 'issuerHost',
    group: 'Issuer',
    kind: 'text',
    description: 'Host of a self-managed GitHub, GitLab or Terraform Enterprise, or of the EU region',
    placeholder: 'host',
    example: 'gitlab.example.com',
    rule: valueRules.host,
    optional: true,
    defaultNote: 'that of the public service',
    isUnused: isCluster,
    trust: trusting('this host'),
  }),
  setting<'project'>({
    name: 'project',
    group: 'Issuer',
    kind: 'text',
    description:
      'Repository, project, workspace or service connection whose jobs use the identity, as a path',
    placeholder: 'path',
    example: 'acme/shop',
    rule: valueRules.plain,
    optional: true,
    isUnused: isCluster,
    trust: trusting('this project'),
  }),
  ...(
    [
      ['branch', 'Branch of the jobs', 'main'],
      ['tag', 'Tag of the jobs', 'v1.0.0'],
      ['environment', 'GitHub environment of the jobs, in its exact spelling', 'production'],
    ] as const
  ).map(([name, description, example]) =>
    setting<typeof name>({
      name,
      group: 'Issuer',
      kind: 'text',
      description,
      example,
      rule: valueRules.plain,
      optional: true,
      isUnused: isCluster,
      trust: 'names',
    }),
  ),
  setting<'pullRequest'>({
    name: 'pullRequest',
    group: 'Issuer',
    kind: 'switch',
    description: 'Trust the jobs of pull requests to the GitHub repository',
    example: 'true',
    optional: true,
    isUnused: isCluster,
    trust: 'names',
  }),
  setting<'subjectForm'>({
    name: 'subjectForm',
    group: 'Issuer',
    kind: 'text',
    choices: ['names', 'ids', 'both'],
    description: 'Form of the subject: names, immutable IDs, or both during a migration',
    example: 'ids',
    optional: true,
    defaultNote: "the repository's; names on GitLab, ids on Azure DevOps",
    isUnused: isCluster,
    trust: 'names',
  }),
  ...(
    [
      ['ownerId', 'ID of the GitHub owner or the Azure DevOps organization', '583231'],
      ['projectId', 'ID of the repository, the GitLab project or the service connection', '1296269'],
    ] as const
  ).map(([name, description, example]) =>
    setting<typeof name>({
      name,
      group: 'Issuer',
      kind: 'text',
      description,
      placeholder: 'id',
      example,
      rule: valueRules.numberOrGuid,
      optional: true,
      isUnused: isCluster,
      trust: trusting('this ID'),
    }),
  ),
  setting<'subject'>({
    name: 'subject',
    group: 'Issuer',
    kind: 'text',
    description: "Exact subject of the job's tokens; every character counts, and * is no wildcard",
    placeholder: 'text',
    example: 'repo:acme/shop:environment:production',
    rule: valueRules.subject,
    optional: true,
    isUnused: isCluster,
    trust: trusting('this subject'),
  }),
  setting<'matching'>({
    name: 'matching',
    group: 'Issuer',
    kind: 'text',
    description: 'Claims expression of a flexible credential (preview) instead of an exact subject',
    placeholder: 'expression',
    example: "claims['sub'] matches 'repo:acme/shop:ref:refs/heads/*'",
    rule: valueRules.expression,
    optional: true,
    isUnused: isCluster,
    trust: trusting('every matching job'),
  }),
]

/** The names of these settings. */
export const issuerSettingNames: readonly SettingName[] = issuerSettings.map(({ name }) => name)

const slug = (text: string) => text.replace(/[^a-zA-Z0-9_]+/g, '-').replace(/^-+|-+$/g, '')

/** Returns a name for what belongs to a job: `wi-acme-shop-production`. */
export function jobName(known: Partial<Settings>): string | undefined {
  const { project, branch, tag, environment, pullRequest, subject, matching } = known
  if (project === undefined) {
    const text = subject ?? matching
    return text && `wi-${slug(text).slice(0, 60)}-${sha256(text).toString('hex').slice(0, 8)}`
  }
  const part = environment ?? branch ?? tag ?? (pullRequest ? 'pull-request' : undefined)
  return ['wi', slug(project), ...(part === undefined ? [] : [slug(part)])].join('-').slice(0, 120)
}
