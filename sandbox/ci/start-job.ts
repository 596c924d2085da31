import { randomUUID } from 'node:crypto'
import type { Simulator } from '../simulator.ts'
import { type CiSystem, ciHost } from './hosts.ts'
import { signJobToken } from './tokens.ts'

const audience = 'api://AzureADTokenExchange'

/** Starts a job of a repository. Returns the variables that GitHub gives it with the permission `id-token: write`. */
export function startGitHubJob(
  simulator: Simulator,
  { repository, context }: { repository: string; context: string },
): Record<string, string> {
  const token = `job-${randomUUID()}`
  simulator.state.ci.jobs[token] = { repository, context }
  simulator.markChanged()
  const server = `https://${ciHost(simulator, 'github')}`
  return {
    GITHUB_ACTIONS: 'true',
    GITHUB_SERVER_URL: server,
    GITHUB_API_URL: `${server}/api/v3`,
    GITHUB_REPOSITORY: repository,
    ACTIONS_ID_TOKEN_REQUEST_URL: `${server}/_services/jobs/token?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: token,
  }
}

/** Returns a token that another system gives a job. */
export const jobToken = (
  simulator: Simulator,
  system: Exclude<CiSystem, 'github'>,
  subject: string,
): Promise<string> => signJobToken(simulator, system, { subject, audience })
