import type { CheckCode } from '../base/check-code.ts'
import type { Remedy, Script } from '../base/command.ts'
import type { Clients } from '../clients/clients.ts'
import type { FailingService } from '../explain/explained.ts'
import type { SettingName, Settings } from '../settings/settings.ts'

/** What is wrong: the actual value, the expected one, and what fixes it. */
export interface Finding {
  detail: string
  is?: string
  should?: string
  remedy: Remedy
  /** Trace or request ID of the service's error. */
  trace?: string | undefined
  /** The request that failed. */
  service?: FailingService | undefined
  /** The workload that it is about, such as `Deployment/checkout`. */
  workload?: string
}

/** The outcome of a check. Checks that need it get `out` unless it fails or is skipped. */
export type Verdict<Out> =
  | { status: 'pass'; out: Out; detail?: string }
  | ({ status: 'warn'; out: Out; more?: readonly AdditionalFinding[] } & Finding)
  /**
   * `undetermined`: a service failed, so nothing is known. `transient`: it may pass without a fix (replication), so set-up and `--wait` retry it. `out`: what the checks that
   * need it get if a proof overrules it. `continueWith`: what they get although it failed, because they judge something
   * else. `unexplained`: it has a cause of its own, so none of `explainedBy` explains it.
   */
  | ({
      status: 'fail'
      transient?: boolean
      undetermined?: true | undefined
      out?: Out
      continueWith?: Out
      unexplained?: true
      more?: readonly AdditionalFinding[]
    } & Finding)
  /**
   * `couldNotRun`: it applies, but could not run. `forWant`: because a check of its `wants` did not pass. `inapplicable`:
   * it is not reported.
   */
  | {
      status: 'skip'
      detail: string
      couldNotRun?: true
      transient?: boolean
      undetermined?: true | undefined
      service?: FailingService | undefined
      forWant?: true
      inapplicable?: true
    }

/** The same check fails for another object as well; each finding gets its own result. */
export type AdditionalFinding = Finding & { status: 'warn' | 'fail'; transient?: boolean }

export const pass = <Out>(out: Out, detail?: string): Verdict<Out> => ({
  status: 'pass',
  out,
  ...(detail === undefined ? {} : { detail }),
})
export const fail = <Out = never>(
  finding: Finding & { transient?: boolean; out?: Out; continueWith?: Out; unexplained?: true },
): Verdict<Out> => ({ status: 'fail', ...finding })
export const warn = <Out>(out: Out, finding: Finding): Verdict<Out> => ({ status: 'warn', out, ...finding })

/** A check that could not run is not a pass: it is listed with the reason. */
export const couldNotRun = (reason: string): Verdict<never> => ({
  status: 'skip',
  detail: `could not check: ${reason}`,
  couldNotRun: true,
})

/** A check whose subject does not exist, as only its reads show, has no result. */
export const notApplicable: Verdict<never> = { status: 'skip', detail: '', inapplicable: true }

/** A check that is reported as skipped because of the check of its `wants` that did not pass. */
export const skippedForWant = (): Verdict<never> => ({ status: 'skip', detail: '', forWant: true })

// biome-ignore lint/suspicious/noExplicitAny: the engine passes outputs from check to check, whatever their types
export type AnyCheck = Check<any, any, any, any>
/** By name in the context, so none may have the name of a client that the check would then lose. */
export type CheckNeeds = Record<string, AnyCheck> & { [K in keyof Clients]?: never }
// biome-ignore lint/suspicious/noExplicitAny: only Out is inferred
export type CheckOutput<C> = C extends Check<infer Out, any, any, any> ? Out : never

/** A `warning` check never fails, and is skipped where its reads are refused. */
export type Severity = 'error' | 'warning'

/** The page that explains the codes, relative to the folder of the package and of the repository. */
export const checksPage = 'docs/checks.md'
export const docsLink = (code: CheckCode) => `${checksPage}#${code.toLowerCase()}`

/** The part of the chain from cluster to secret that a check is about; `caller` is the user who runs wi-setup. */
export type ChainLink =
  | 'caller'
  | 'cluster'
  | 'issuer'
  | 'service account'
  | 'credential'
  | 'identity'
  | 'webhook'
  | 'access'
  | 'vault'
  | 'target'
  | 'sample'
  | 'workload'

/** Without `wants`. */
type NoWants = Record<never, never>

export type CheckContext<S extends SettingName, N extends CheckNeeds, W extends CheckNeeds = NoWants> = {
  settings: Pick<Settings, S>
  signal: AbortSignal
  /** Shares a result that `Clients` don't share: a token, or a read with its own token. */
  once: <T>(key: string, read: () => Promise<T>) => Promise<T>
  /** Returns a wi-setup command with these settings as flags. */
  command: (name: string, ...settings: SettingName[]) => Script
  /** Returns the text of a remedy, for the detail of a result. */
  print: (remedy: Remedy) => string
} & Clients & { [K in keyof N]: CheckOutput<N[K]> } & { [K in keyof W]: CheckOutput<W[K]> | undefined }

/** One statement about a healthy system. */
export interface Check<
  Out,
  S extends SettingName = SettingName,
  N extends CheckNeeds = CheckNeeds,
  W extends CheckNeeds = NoWants,
> {
  code: CheckCode
  title: string
  /** What it is about, if the same check runs for several things: the text of a grant. */
  subject?: string
  link: ChainLink
  uses: readonly S[]
  needs: N
  /** For checks that need these: in a chain without them, this one provides the same output. */
  replaces?: readonly AnyCheck[]
  /** Checks that it runs after, and whose outputs it uses if there are any. */
  wants?: W
  /** `error` if left out. */
  level?: Severity
  /** How long one attempt may take; 30 if left out. */
  timeoutSeconds?: number
  /** The check does not exist with these settings. */
  excludedWhen?: (settings: Settings) => boolean
  /**
   * A check that infers what a proof shows: returns what was proven, if it was. Then the check can't fail: it passes and
   * says what it found unusual.
   */
  overruledBy?: (ctx: CheckContext<S, N, NoInfer<W>>) => Promise<string | undefined>
  /** For a proof: the checks that explain its failure. It runs after them, and if it fails like one of them, is skipped because of that one. */
  explainedBy?: readonly AnyCheck[]
  /** Of checks that report workloads, only findings about this one explain the failure. */
  explainedFor?: string
  run(ctx: CheckContext<S, N, NoInfer<W>>): Promise<Verdict<Out>>
}

/** Returns what identifies a check: its code and, if there are several of that code, its subject. */
export const keyOf = ({ code, subject }: Pick<AnyCheck, 'code' | 'subject'>): string =>
  subject === undefined ? code : `${code} ${subject}`

/** Whether the check is the needed one, or provides its output. */
export const provides = (check: AnyCheck, needed: AnyCheck): boolean =>
  keyOf(check) === keyOf(needed) || (check.replaces ?? []).some(({ code }) => code === needed.code)

/** Infers the setting names and needs of a check. */
export const check =
  <Out = true>() =>
  <const S extends SettingName, const N extends CheckNeeds, const W extends CheckNeeds = NoWants>(
    definition: Check<Out, S, N, W>,
  ): Check<Out, S, N, W> =>
    definition
