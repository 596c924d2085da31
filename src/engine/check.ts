import type { Clients } from '../clients/clients.ts'
import type { SettingName, Settings } from '../settings/settings.ts'

/**
 * What a check says. A failure names what is, what should be, and the command that mends it. `transient` marks one
 * that may pass by itself (propagation), so `--wait` and a set-up look again.
 */
export type Verdict<Out> =
  | { status: 'pass'; out: Out; detail?: string }
  | { status: 'warn'; out: Out; detail: string; mend: string }
  | {
      status: 'fail'
      detail: string
      is?: string
      should?: string
      mend: string
      transient?: boolean
      trace?: string | undefined
    }
  | { status: 'skip'; detail: string }

export const pass = <Out>(out: Out, detail?: string): Verdict<Out> => ({
  status: 'pass',
  out,
  ...(detail === undefined ? {} : { detail }),
})
export const fail = (of: Omit<Extract<Verdict<never>, { status: 'fail' }>, 'status'>): Verdict<never> => ({
  status: 'fail',
  ...of,
})

// biome-ignore lint/suspicious/noExplicitAny: needs are looked up by code, their own types do not matter here
export type CheckNeeds = Record<string, Check<any, any, any>>
// biome-ignore lint/suspicious/noExplicitAny: only Out is taken from it
export type CheckOut<C> = C extends Check<infer Out, any, any> ? Out : never

export type Code = `WI${number}`

/** The part of the chain that a check is about, for the drawing. */
export type Link =
  | 'cluster'
  | 'issuer'
  | 'service account'
  | 'credential'
  | 'identity'
  | 'webhook'
  | 'access'
  | 'vault'
  | 'sample'

export type CheckContext<S extends SettingName, N extends CheckNeeds> = {
  settings: Pick<Settings, S>
  signal: AbortSignal
  once: <T>(key: string, read: () => Promise<T>) => Promise<T>
  /** A command line of ours that can be pasted, with these settings spelled out. */
  command: (word: string, ...names: SettingName[]) => string
} & Clients & { [K in keyof N]: CheckOut<N[K]> }

/** One true sentence about a healthy system. */
export interface Check<Out, S extends SettingName = SettingName, N extends CheckNeeds = CheckNeeds> {
  code: Code
  title: string
  link: Link
  uses: readonly S[]
  needs: N
  /** Not asked with these settings. */
  idle?: (settings: Settings) => boolean
  run(ctx: CheckContext<S, N>): Promise<Verdict<Out>>
}

export const check =
  <Out = true>() =>
  <const S extends SettingName, const N extends CheckNeeds>(of: Check<Out, S, N>): Check<Out, S, N> =>
    of

export interface AnyCheck {
  code: Code
  title: string
  link: Link
  uses: readonly SettingName[]
  needs: Record<string, { code: Code }>
  idle?: (settings: Settings) => boolean
  run(ctx: never): Promise<Verdict<unknown>>
}
