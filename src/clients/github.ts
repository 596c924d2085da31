/** A repository as its visitors see it. */
export interface GitHubRepository {
  /** `OWNER/REPO` in GitHub's spelling. */
  fullName: string
  id: string
  ownerId: string
  /** In ms since the epoch. */
  createdAt: number
}

/** How a repository builds the subjects of its jobs. */
export interface SubjectCustomization {
  useDefault: boolean
  includeClaimKeys: readonly string[]
  /** Undefined if the organization decides. */
  immutable: boolean | undefined
  /** What the default subjects begin with: `repo:O@1/R@2`. */
  prefix: string | undefined
}

/** GitHub's REST API. Throws `ServiceError` (service `github`) if it refuses a request or can't be reached. */
export interface GitHub {
  repository(fullName: string): Promise<GitHubRepository | undefined>
  subjectCustomization(fullName: string): Promise<SubjectCustomization | undefined>
  /** Returns the names of the repository's environments. */
  environments(fullName: string): Promise<string[] | undefined>
}
