import { guard } from './errors.ts'
import type { GitHub } from './github.ts'
import type { Http } from './http.ts'
import { sendHttpRequest } from './http-request.ts'
import { ServiceError } from './service-error.ts'

const timeout = 10_000

interface GitHubOptions {
  host: string | undefined
  env: Record<string, string | undefined>
  http: Http
  signal: AbortSignal
}

/** Returns the base of the REST API, without a final slash. */
function apiUrlOf(host: string | undefined, named: string | undefined): string {
  if (host === undefined) return (named ?? 'https://api.github.com').replace(/\/+$/, '')
  if (host === 'github.com') return 'https://api.github.com'
  return host.endsWith('.ghe.com') ? `https://api.${host}` : `https://${host}/api/v3`
}

const originOf = (url: string) => (URL.canParse(url) ? new URL(url).origin : undefined)

interface RepositoryResponse {
  full_name: string
  id: number
  created_at: string
  owner: { id: number }
}
interface CustomizationResponse {
  use_default: boolean
  include_claim_keys?: string[]
  use_immutable_subject?: boolean
  sub_claim_prefix?: string
}

export function makeGitHub({ host, env, http, signal }: GitHubOptions): GitHub {
  const named = env.GITHUB_API_URL || undefined
  const api = apiUrlOf(host, named)
  const token = env.GITHUB_TOKEN || env.GH_TOKEN
  // The token is for the host that the environment names; no setting sends it elsewhere.
  const owner = originOf(named ?? 'https://api.github.com')
  const authorization = token && owner === originOf(api) ? `Bearer ${token}` : undefined
  if (authorization) http.credentials.bind(authorization, { service: 'GitHub', origins: [owner!] })

  const get = <T>(path: string): Promise<T | undefined> =>
    guard(
      'network',
      signal,
    )(async () => {
      const response = await sendHttpRequest(http, {
        method: 'GET',
        url: `${api}${path}`,
        headers: {
          accept: 'application/vnd.github+json',
          'x-github-api-version': '2022-11-28',
          ...(authorization ? { authorization } : {}),
        },
        signal,
        timeout,
        isDocument: true,
      })
      if (response.status === 404) return undefined
      const refused = (code: string, reason: string) =>
        new ServiceError({
          service: 'network',
          code,
          message: `GitHub's API at ${api} ${reason}`,
          status: response.status,
        })
      if (response.status !== 200) throw refused('HttpStatus', `returned status ${response.status}`)
      try {
        return JSON.parse(response.text) as T
      } catch {
        throw refused('NotJson', 'did not return JSON')
      }
    })

  const pathOf = (fullName: string) => `/repos/${fullName.split('/').map(encodeURIComponent).join('/')}`
  return {
    async repository(fullName) {
      const found = await get<RepositoryResponse>(pathOf(fullName))
      return (
        found && {
          fullName: found.full_name,
          id: String(found.id),
          ownerId: String(found.owner.id),
          createdAt: Date.parse(found.created_at),
        }
      )
    },
    async subjectCustomization(fullName) {
      const found = await get<CustomizationResponse>(`${pathOf(fullName)}/actions/oidc/customization/sub`)
      return (
        found && {
          useDefault: found.use_default,
          includeClaimKeys: found.include_claim_keys ?? [],
          immutable: found.use_immutable_subject,
          prefix: found.sub_claim_prefix,
        }
      )
    },
    async environments(fullName) {
      const found = await get<{ environments?: { name: string }[] }>(
        `${pathOf(fullName)}/environments?per_page=100`,
      )
      return found?.environments?.map(({ name }) => name)
    },
  }
}
