import type { Reply } from '../http.ts'
import type { CiRequest } from './request.ts'
import type { Repository } from './state.ts'
import { signJobToken } from './tokens.ts'

const notFound: Reply = {
  status: 404,
  body: { message: 'Not Found', documentation_url: 'https://docs.github.com/rest', status: '404' },
}

const isSignedIn = ({ call }: CiRequest) =>
  /^(Bearer|token) \S+/.test(String(call.headers.authorization ?? ''))

/** Names compare without case, as on GitHub. */
function repositoryOf({ simulator, params }: CiRequest): Repository | undefined {
  const name = `${params.owner}/${params.repo}`.toLowerCase()
  return simulator.state.ci.repositories.find(({ fullName }) => fullName.toLowerCase() === name)
}

export function getRepository(request: CiRequest): Reply {
  const found = repositoryOf(request)
  if (!found) return notFound
  const [login, name] = found.fullName.split('/')
  return {
    status: 200,
    body: {
      id: found.id,
      name,
      full_name: found.fullName,
      private: false,
      owner: { login, id: found.ownerId, type: 'Organization' },
      created_at: new Date(found.createdAt).toISOString().replace('.000', ''),
      default_branch: 'main',
    },
  }
}

export function listEnvironments(request: CiRequest): Reply {
  const found = repositoryOf(request)
  if (!found) return notFound
  const environments = found.environments.map((name, index) => ({ id: index + 1, name }))
  return { status: 200, body: { total_count: environments.length, environments } }
}

/** What default subjects of the repository begin with. */
export const subjectPrefix = ({ fullName, id, ownerId, subject }: Repository): string => {
  const [owner, name] = fullName.split('/')
  return subject.immutable ? `repo:${owner}@${ownerId}/${name}@${id}` : `repo:${fullName}`
}

/** Only administrators of the repository can read it; without a sign-in it looks absent. */
export function getSubject(request: CiRequest): Reply {
  const found = repositoryOf(request)
  if (!found || !isSignedIn(request)) return notFound
  const { useDefault, claimKeys, immutable } = found.subject
  return {
    status: 200,
    body: {
      use_default: useDefault,
      ...(useDefault ? {} : { include_claim_keys: claimKeys }),
      use_immutable_subject: immutable,
      sub_claim_prefix: subjectPrefix(found),
    },
  }
}

export function putSubject(request: CiRequest): Reply {
  const found = repositoryOf(request)
  if (!found || !isSignedIn(request)) return notFound
  const body = request.call.json<{
    use_default?: unknown
    include_claim_keys?: string[]
    use_immutable_subject?: boolean
  }>()
  if (typeof body.use_default !== 'boolean')
    return { status: 422, body: { message: 'Invalid request.\n\n"use_default" wasn\'t supplied.' } }
  found.subject = {
    useDefault: body.use_default,
    claimKeys: body.include_claim_keys ?? [],
    immutable: body.use_immutable_subject ?? found.subject.immutable,
  }
  return { status: 201, body: {} }
}

function subjectOf(repository: Repository, context: string): string {
  const { useDefault, claimKeys } = repository.subject
  if (useDefault || claimKeys.length === 0) return `${subjectPrefix(repository)}:${context}`
  const values: Record<string, string> = {
    repo: subjectPrefix(repository),
    context,
    repository_id: `repository_id:${repository.id}`,
    repository_owner_id: `repository_owner_id:${repository.ownerId}`,
  }
  return claimKeys.map((key) => values[key] ?? `${key}:`).join(':')
}

/** A job requests its own token with the token that it was started with. */
export async function getJobToken({ call, simulator }: CiRequest): Promise<Reply> {
  const [, token = ''] = /^Bearer (\S+)$/.exec(String(call.headers.authorization ?? '')) ?? []
  const { jobs, repositories } = simulator.state.ci
  const job = Object.hasOwn(jobs, token) ? jobs[token] : undefined
  const repository = repositories.find(({ fullName }) => fullName === job?.repository)
  if (!job || !repository) return { status: 401, body: { message: 'Unauthorized' } }
  const [owner] = repository.fullName.split('/')
  const value = await signJobToken(simulator, 'github', {
    subject: subjectOf(repository, job.context),
    audience: call.query('audience') ?? `https://github.com/${owner}`,
    claims: {
      repository: repository.fullName,
      repository_id: String(repository.id),
      repository_owner: owner,
      repository_owner_id: String(repository.ownerId),
    },
  })
  return { status: 200, body: { count: value.length, value } }
}
