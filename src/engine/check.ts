import type { CheckCode } from '../base/check-code.ts'
import type { Clients } from '../clients/clients.ts'
import type { SettingName, Settings } from '../settings/settings.ts'

/** What is wrong: what is, what should be, and the command that mends it. */
export interface Finding {
  detail: string
  is?: string
  should?: string
  remedy: string
  /** Of the service that refused. */
  trace?: string | undefined
}

/**
 * What a check says. `transient` marks a failure that may pass by itself (propagation), so `--wait` and a set-up look
 * again; a warning leaves the chain whole.
 */
export type Verdict<Out> =
  | { status: 'pass'; out: Out; detail?: string }
  | ({ status: 'warn'; out: Out; more?: readonly AdditionalFinding[] } & Finding)
  | ({ status: 'fail'; transient?: boolean; more?: readonly AdditionalFinding[] } & Finding)
  /** `couldNotRun`: the check is not a pass, because a read was forbidden or failed. */
  | { status: 'skip'; detail: string; couldNotRun?: true }

/** The same sentence is untrue of something else too: each gets a result of its own. */
export type AdditionalFinding = Finding & { status: 'warn' | 'fail'; transient?: boolean }

export const pass = <Out>(out: Out, detail?: string): Verdict<Out> => ({
  status: 'pass',
  out,
  ...(detail === undefined ? {} : { detail }),
})
export const fail = (of: Finding & { transient?: boolean }): Verdict<never> => ({ status: 'fail', ...of })
/** Returns the verdict of a check that could not run, with the reason. */
export const couldNotRun = (reason: string): Verdict<never> => ({
  status: 'skip',
  detail: `could not check: ${reason}`,
  couldNotRun: true,
})
export const warn = <Out>(out: Out, of: Finding): Verdict<Out> => ({ status: 'warn', out, ...of })

// biome-ignore lint/suspicious/noExplicitAny: needs are looked up by code, their own types do not matter here
export type CheckNeeds = Record<string, Check<any, any, any>>
// biome-ignore lint/suspicious/noExplicitAny: only Out is taken from it
export type CheckOutput<C> = C extends Check<infer Out, any, any> ? Out : never

/** How grave it is: a warning never makes the chain unhealthy. */
export type Severity = 'error' | 'warning'

/** Where the code is explained, in the project's repository. */
export const checksPage = 'docs/checks.md'
export const docsLink = (code: CheckCode) => `${checksPage}#${code.toLowerCase()}`

/** The part of the chain that a check is about, for the drawing. */
export type ChainLink =
  /** Who sets things up. */
  | 'caller'
  | 'cluster'
  | 'issuer'
  | 'service account'
  | 'credential'
  | 'identity'
  | 'webhook'
  | 'access'
  | 'vault'
  | 'sample'
  | 'workload'

export type CheckContext<S extends SettingName, N extends CheckNeeds> = {
  settings: Pick<Settings, S>
  signal: AbortSignal
  once: <T>(key: string, read: () => Promise<T>) => Promise<T>
  /** A command line of ours that can be pasted, with these settings spelled out. */
  command: (word: string, ...names: SettingName[]) => string
} & Clients & { [K in keyof N]: CheckOutput<N[K]> }

/** One true sentence about a healthy system. */
export interface Check<Out, S extends SettingName = SettingName, N extends CheckNeeds = CheckNeeds> {
  code: CheckCode
  title: string
  link: ChainLink
  uses: readonly S[]
  needs: N
  /** The worst that it says; an error if left out. One that only warns says nothing where it cannot look. */
  level?: Severity
  /** How long one look may take, 30 if left out. */
  timeoutSeconds?: number
  /** Not asked with these settings. */
  excludedWhen?: (settings: Settings) => boolean
  run(ctx: CheckContext<S, N>): Promise<Verdict<Out>>
}

export const check =
  <Out = true>() =>
  <const S extends SettingName, const N extends CheckNeeds>(of: Check<Out, S, N>): Check<Out, S, N> =>
    of

export interface AnyCheck {
  code: CheckCode
  title: string
  link: ChainLink
  uses: readonly SettingName[]
  needs: Record<string, { code: CheckCode }>
  level?: Severity
  timeoutSeconds?: number
  excludedWhen?: (settings: Settings) => boolean
  run(ctx: never): Promise<Verdict<unknown>>
}
