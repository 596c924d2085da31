import { completeGitHub } from './github-subject.ts'
import { choiceFault, type Issuer, type IssuerSettings, pathFault } from './issuer.ts'

const publicHost = 'github.com'

/** GitHub encodes a colon inside a value; the other characters stay as they are. */
const encode = (value: string) => value.replaceAll(':', '%3A')

/** A job with an environment has it in its subject instead of the branch or tag. */
function contextOf({ environment, branch, tag }: IssuerSettings): string {
  if (environment !== undefined) return `environment:${encode(environment)}`
  if (branch !== undefined) return `ref:refs/heads/${encode(branch)}`
  return tag === undefined ? 'pull_request' : `ref:refs/tags/${encode(tag)}`
}

/** Returns the subject with names, or with the immutable IDs that GitHub adds to them. */
function subjectOf(settings: IssuerSettings, form: 'names' | 'ids'): string {
  const [owner, repository] = settings.project!.split('/')
  const prefix =
    form === 'ids'
      ? `repo:${owner}@${settings.ownerId}/${repository}@${settings.projectId}`
      : `repo:${owner}/${repository}`
  return `${prefix}:${contextOf(settings)}`
}

function url({ issuerHost = publicHost }: IssuerSettings): string {
  if (issuerHost === publicHost) return 'https://token.actions.githubusercontent.com'
  return issuerHost.endsWith('.ghe.com')
    ? `https://token.actions.${issuerHost}`
    : `https://${issuerHost}/_services/token`
}

/** GitHub Actions: github.com, GHE.com and GitHub Enterprise Server. */
export const github: Issuer = {
  name: 'github',
  title: 'GitHub Actions',
  project: 'OWNER/REPO',
  settings: [
    'branch',
    'tag',
    'environment',
    'pullRequest',
    'subjectForm',
    'ownerId',
    'projectId',
    'issuerHost',
    'subject',
    'matching',
  ],
  examples: ['acme/shop --environment production', 'acme/shop --branch main', 'acme/shop --pull-request'],
  note: 'A job with an environment has the environment in its subject, not the branch. Repositories created, renamed or transferred since 15 July 2026 have immutable IDs in it.',
  url,
  faultOf(settings) {
    const path = pathFault(settings, { placeholder: 'OWNER/REPO, such as acme/shop', parts: 2 })
    if (path) return path
    if (settings.subject !== undefined || settings.matching !== undefined) return undefined
    const { subjectForm = 'names', ownerId, projectId } = settings
    if (subjectForm !== 'names' && (ownerId === undefined) !== (projectId === undefined))
      return { fault: 'only one of two IDs is set', allowed: 'both --owner-id and --project-id' }
    return choiceFault(settings, ['branch', 'tag', 'environment', 'pullRequest'])
  },
  tokens(settings) {
    if (settings.subjectForm !== 'both')
      return [{ id: '', subject: subjectOf(settings, settings.subjectForm ?? 'names') }]
    return (['ids', 'names'] as const).map((id) => ({ id, subject: subjectOf(settings, id) }))
  },
  snippet: ({ clientId, tenantId, subscriptionId, environment }) =>
    [
      'permissions:',
      '  id-token: write',
      '  contents: read',
      'jobs:',
      '  deploy:',
      '    runs-on: ubuntu-latest',
      ...(environment === undefined ? [] : [`    environment: ${environment}`]),
      '    steps:',
      '      - uses: azure/login@v2',
      '        with:',
      `          client-id: ${clientId}`,
      `          tenant-id: ${tenantId}`,
      `          subscription-id: ${subscriptionId}`,
    ].join('\n'),
  jobToken: (job, { audience }) => job.githubToken(audience!),
  complete: completeGitHub,
}
