import type { GitHub } from '../clients/github.ts'
import type { Job } from '../clients/job.ts'
import type { SettingName, Settings } from '../settings/settings.ts'

/** The settings that decide which tokens an identity trusts; some are unknown before sign-in. */
export type IssuerSettings = Partial<
  Pick<
    Settings,
    | 'issuer'
    | 'issuerHost'
    | 'project'
    | 'branch'
    | 'tag'
    | 'environment'
    | 'pullRequest'
    | 'subjectForm'
    | 'ownerId'
    | 'projectId'
    | 'subject'
    | 'matching'
    | 'audience'
    | 'tenant'
  >
>

/** The tokens that one federated credential accepts. `id` tells several credentials of a job apart. */
export interface TrustedTokens {
  id: '' | 'plan' | 'apply' | 'names' | 'ids'
  /** Empty if an expression decides. */
  subject: string
  expression?: string
}

/** What the user pastes into the job's definition. */
export interface SnippetValues {
  clientId: string
  tenantId: string
  subscriptionId: string
  audience: string
  environment: string | undefined
}

/** What a job needs to be named: the choices that are missing, or that contradict each other. */
export interface JobFault {
  fault: string
  allowed: string
}

/** How a job outside a cluster gets its token. Adding one means one file and one line in `index.ts`. */
export interface Issuer {
  /** As the user writes it: `federate github`. */
  name: string
  title: string
  /** The path of its jobs: `OWNER/REPO`; undefined if the subject is always given. */
  project: string | undefined
  /** Settings that it takes besides `project`. */
  settings: readonly SettingName[]
  /** Arguments after `federate <name>`. */
  examples: readonly string[]
  /** What is special about it, for help and docs. */
  note: string
  /** Returns the `iss` of the tokens, byte for byte; undefined while a setting that decides it is unknown. */
  url(settings: IssuerSettings): string | undefined
  /** Returns what must be set or changed so that the subject is known. */
  faultOf(settings: IssuerSettings): JobFault | undefined
  /** Returns one entry per federated credential. Call it with settings without a fault. */
  tokens(settings: IssuerSettings): readonly TrustedTokens[]
  snippet(values: SnippetValues): string
  /** Returns the token of the job that this program runs in; undefined outside such a job. */
  jobToken(job: Job, settings: IssuerSettings): Promise<string | undefined>
  /** Completes the settings from the service itself. Throws if the service knows that they are wrong. */
  complete?(settings: IssuerSettings, clients: { github: GitHub }): Promise<IssuerSettings>
}

/** Returns an error if the project is not a path of `parts` parts. */
export const pathFault = (
  { project }: IssuerSettings,
  { placeholder, parts, more = false }: { placeholder: string; parts: number; more?: boolean },
): JobFault | undefined => {
  const names = project?.split('/') ?? []
  const fits = more ? names.length >= parts : names.length === parts
  if (fits && names.every((each) => each !== '' && each.trim() === each)) return undefined
  return {
    fault:
      project === undefined ? '--project is missing' : `--project ${JSON.stringify(project)} is not valid`,
    allowed: placeholder,
  }
}

/** Returns an error unless exactly one of the choices is made. */
export function choiceFault(
  settings: IssuerSettings,
  choices: readonly ('branch' | 'tag' | 'environment' | 'pullRequest')[],
): JobFault | undefined {
  const flags = {
    branch: '--branch',
    tag: '--tag',
    environment: '--environment',
    pullRequest: '--pull-request',
  }
  const allowed = `one of ${choices.map((each) => flags[each]).join(', ')}`
  const given = (Object.keys(flags) as (keyof typeof flags)[]).filter(
    (each) => settings[each] !== undefined && settings[each] !== false,
  )
  const other = given.find((each) => !choices.includes(each))
  if (other) return { fault: `${flags[other]} does not apply`, allowed }
  if (given.length > 1)
    return { fault: `${given.map((each) => flags[each]).join(' and ')} can't be combined`, allowed }
  return given.length === 1 ? undefined : { fault: 'the jobs that may use the identity are not set', allowed }
}
