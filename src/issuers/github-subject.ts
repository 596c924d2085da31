import { ActionRequiredError } from '../base/action-required.ts'
import { closestMatches } from '../base/closest-matches.ts'
import type { GitHub, GitHubRepository, SubjectCustomization } from '../clients/github.ts'
import { ServiceError } from '../clients/service-error.ts'
import type { IssuerSettings } from './issuer.ts'

/** Repositories created from this day on have immutable subjects. */
const immutableSince = Date.parse('2026-07-15T00:00:00Z')

/** Returns the settings with the form of the subject and the repository's spelling and IDs, as far as GitHub tells them. */
export async function completeGitHub(
  settings: IssuerSettings,
  { github }: { github: GitHub },
): Promise<IssuerSettings> {
  if (settings.subject !== undefined || settings.matching !== undefined) return {}
  const { project = '' } = settings
  const repository = await readable(() => github.repository(project))
  if (repository === 'unreadable') return withoutGitHub(settings)
  if (!repository)
    throw new ActionRequiredError(
      `GitHub has no repository ${project}, or you can't see it`,
      'Check --project. For a private repository, set GITHUB_TOKEN to a token that can read it',
    )
  await requireEnvironment(settings, repository, github)
  const ids = { ownerId: repository.ownerId, projectId: repository.id }
  const found = { project: repository.fullName, ...ids }
  if (settings.subjectForm !== undefined) return found
  const customization = await readable(() => github.subjectCustomization(repository.fullName))
  if (customization !== 'unreadable' && customization)
    return { ...found, ...formOf(customization, repository) }
  if (repository.createdAt >= immutableSince) return { ...found, subjectForm: 'ids' }
  throw formUnknown(
    `${repository.fullName} was created before immutable subjects became the default, and only its administrators can read which form it uses`,
  )
}

/** Without GitHub's API, only the user knows the form, and the IDs. */
function withoutGitHub({ subjectForm, ownerId, projectId, project }: IssuerSettings): IssuerSettings {
  if (subjectForm === undefined)
    throw formUnknown(`GitHub's API can't be read from here, so the form of ${project}'s subjects is unknown`)
  if (subjectForm !== 'names' && (ownerId === undefined || projectId === undefined))
    throw new ActionRequiredError(
      `GitHub's API can't be read from here, so the IDs of ${project} are unknown`,
      `Set --owner-id and --project-id; gh api repos/${project} --jq '.owner.id, .id' prints them`,
    )
  return {}
}

const formUnknown = (reason: string) =>
  new ActionRequiredError(
    reason,
    'Set GITHUB_TOKEN to a token with the scope repo, or choose: --subject-form ids (created, renamed or transferred since 15 July 2026, or opted in), --subject-form names (all others), or --subject-form both (trusts either)',
  )

/** The prefix outranks the flag: GitHub signs what it returns there. */
function formOf(
  customization: SubjectCustomization,
  { fullName, id, ownerId }: GitHubRepository,
): IssuerSettings {
  const { useDefault, includeClaimKeys, prefix } = customization
  if (!useDefault && includeClaimKeys.length) {
    const keys = includeClaimKeys.join(', ')
    if (includeClaimKeys.every((key) => key === 'repository_owner_id' || key === 'repository_id')) {
      const values: Record<string, string> = { repository_owner_id: ownerId, repository_id: id }
      return { subject: includeClaimKeys.map((key) => `${key}:${values[key]}`).join(':') }
    }
    throw new ActionRequiredError(
      `${fullName} has subjects of its own template (${keys})`,
      "Set --subject to the exact subject; the job's log shows it in the details of azure/login",
    )
  }
  return {
    subjectForm: prefix?.includes('@') || (prefix === undefined && customization.immutable) ? 'ids' : 'names',
  }
}

/** GitHub's subject has the environment in the spelling of the workflow, and Entra compares letter case. */
async function requireEnvironment(
  { environment }: IssuerSettings,
  { fullName }: GitHubRepository,
  github: GitHub,
): Promise<void> {
  if (environment === undefined) return
  const names = await readable(() => github.environments(fullName))
  if (names === 'unreadable' || names === undefined || names.includes(environment)) return
  const [close] = closestMatches(environment, names)
  throw new ActionRequiredError(
    `${fullName} has no environment ${JSON.stringify(environment)}${close ? `; did you mean ${JSON.stringify(close)}?` : ''}`,
    names.length
      ? `Set --environment to one of ${names.join(', ')}, or create it in the repository's settings`
      : "Create it in the repository's settings, or use --branch",
  )
}

/** Reads that GitHub refuses, or that don't reach it, leave the question to the user. */
async function readable<T>(read: () => Promise<T>): Promise<T | 'unreadable'> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof ServiceError) return 'unreadable'
    throw error
  }
}
