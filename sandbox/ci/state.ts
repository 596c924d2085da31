import type { JWK } from 'jose'

/** A repository of the simulated GitHub. */
export interface Repository {
  /** `OWNER/REPO`. */
  fullName: string
  id: number
  ownerId: number
  /** In ms since the epoch. */
  createdAt: number
  environments: string[]
  /** How it builds the subjects of its jobs. */
  subject: { useDefault: boolean; claimKeys: string[]; immutable: boolean }
}

/** A running job of a repository. */
export interface GitHubJob {
  repository: string
  /** What follows the repository in the subject: `environment:production`. */
  context: string
}

export interface CiState {
  /** Private RS256 key of all simulated CI systems; made when it is first used. */
  signingKey?: JWK
  repositories: Repository[]
  /** By the token with which the job requests its own. */
  jobs: Record<string, GitHubJob>
}

declare module '../sandbox-state.ts' {
  interface SandboxState {
    ci: CiState
  }
}

/** One repository from before immutable subjects, and one created since. */
export const newCiState = (): CiState => ({
  repositories: [
    {
      fullName: 'acme/shop',
      id: 1085034567,
      ownerId: 90123456,
      createdAt: Date.parse('2026-08-03T09:12:44Z'),
      environments: ['production', 'staging'],
      subject: { useDefault: true, claimKeys: [], immutable: true },
    },
    {
      fullName: 'acme/legacy',
      id: 254001122,
      ownerId: 90123456,
      createdAt: Date.parse('2021-02-17T15:40:01Z'),
      environments: ['production'],
      subject: { useDefault: true, claimKeys: [], immutable: false },
    },
  ],
  jobs: {},
})
