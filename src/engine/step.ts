import type { ActionRequiredError } from '../base/action-required.ts'
import type { Clients } from '../clients/clients.ts'
import type { SettingName, Settings } from '../settings/settings.ts'

/** A field that is not as it should be. `owner` names the program that wrote it last, where that is known. */
export interface Difference {
  field: string
  is: string
  want: string
  owner?: string
}

/**
 * What an inspection found. `out` of a drifted thing holds what can already be told of it; `owned` is true when it
 * carries our mark. `note` adds a few words to the plan: "recovers the deleted one".
 */
export type Inspection<Out> =
  | { state: 'absent'; note?: string; details?: [string, string][] }
  | { state: 'drifted'; out: Partial<Out>; owned: boolean; diff: Difference[]; note?: string }
  | { state: 'ready'; out: Out; owned: boolean; note?: string }

export const absent = (
  note?: string,
  details?: [string, string][],
): { state: 'absent'; note?: string; details?: [string, string][] } => ({
  state: 'absent',
  ...(note === undefined ? {} : { note }),
  ...(details === undefined ? {} : { details }),
})

/** `ready` if no field differs, else `drifted`. */
export function compared<Out>(
  out: Out,
  owned: boolean,
  diff: (Difference | false | undefined)[],
  note?: string,
): Inspection<Out> {
  const real = diff.filter((each): each is Difference => Boolean(each))
  const extra = note === undefined ? {} : { note }
  return real.length
    ? { state: 'drifted', out, owned, diff: real, ...extra }
    : { state: 'ready', out, owned, ...extra }
}

export const differs = (
  field: string,
  is: string | undefined,
  want: string,
  owner?: string,
): Difference | undefined =>
  is === want ? undefined : { field, is: is ?? '(none)', want, ...(owner === undefined ? {} : { owner }) }

// biome-ignore lint/suspicious/noExplicitAny: needs are looked up by id, their own types do not matter here
export type Needs = Record<string, Step<any, any, any>>
// biome-ignore lint/suspicious/noExplicitAny: only Out is taken from it
export type StepOutput<S> = S extends Step<infer Out, any, any> ? Out : never

interface StepContext<S extends SettingName> {
  settings: Pick<Settings, S>
  signal: AbortSignal
  /** Tells the person what is being waited for, or found. */
  note: (text: string) => void
  /** The value of an absent secret, given by the person; undefined: a random one. Never printed or kept. */
  secretValue: string | undefined
  /** A read that several steps or checks share within one run. */
  once: <T>(key: string, read: () => Promise<T>) => Promise<T>
}

/** What `inspect` gets: of each need, what is known by now. */
export type InspectContext<S extends SettingName, N extends Needs> = StepContext<S> &
  Clients & { [K in keyof N]: Partial<StepOutput<N[K]>> }
/** What `remains` gets: the same, of what is still there, and every setting. */
export type RemovabilityContext<S extends SettingName, N extends Needs> = InspectContext<S, N> &
  DestroyOptions & { settings: Settings }
/** What `apply` gets: every need is ready. */
export type ApplyContext<S extends SettingName, N extends Needs> = StepContext<S> &
  Clients & { [K in keyof N]: StepOutput<N[K]> }
/** What `remove` gets: the needs are still as `remains` found them. */
export type RemoveContext<S extends SettingName, N extends Needs> = ApplyContext<S, N> &
  DestroyOptions & { settings: Settings }

/**
 * What `destroy` finds: `ours` goes, with what is lost as its note; `kept` stays, and why; `unseen` cannot be looked
 * at. `holds` says why what it lives in must stay though this goes. `refusal`: the caller may not remove it, unless it
 * goes along with what it lives in.
 */
export type Removability<Out> =
  | { state: 'gone'; holds?: string | undefined }
  | {
      state: 'ours'
      out: Partial<Out>
      note?: string | undefined
      holds?: string | undefined
      refusal?: ActionRequiredError | undefined
    }
  /**
   * `parts`: it does not hold what it is within, which may go though this stays. `keeps`: the need without which it
   * could not be removed later, and which therefore stays, too.
   */
  | { state: 'kept'; out: Partial<Out>; note: string; parts?: true; keeps?: string }
  | { state: 'unseen'; out: Partial<Out>; note: string }

export const nothingToRemove = { state: 'gone' as const }

export const retained = <Out>(out: Partial<Out>, note: string): Removability<Out> => ({
  state: 'kept',
  out,
  note,
})

export const removable = <Out>(out: Partial<Out>, note?: string, holds?: string): Removability<Out> => ({
  state: 'ours',
  out,
  note,
  holds,
})

export const notManaged = 'not made by wi-setup'

/** What the person wants of a `destroy`. */
export interface DestroyOptions {
  /** Soft-deleted things are ended for good. */
  purge: boolean
  /** Goes on without what cannot be reached, which then stays. */
  skipUnreachable: boolean
}

/** An ARM action in a resource group, or in the whole subscription. */
export interface RequiredAction {
  action: string
  group?: string
}

export type StepCommand = 'cluster' | 'identity' | 'federate' | 'webhook' | 'vault' | 'sample'

/** One thing that shall exist. */
export interface Step<Out, S extends SettingName = SettingName, N extends Needs = Needs> {
  /** Named by the thing; the file's name and the id in JSON. */
  id: string
  title: string
  /** The subcommand that makes it; left out for what every subcommand may make. */
  command?: StepCommand
  uses: readonly S[]
  needs: N
  /** What it is called in this run: `aks-shop`. */
  label: (settings: Pick<Settings, S>) => string
  /** ARM actions that applying needs, by the group that they are asked for; looked up before the first write. */
  actionsToApply?: (settings: Pick<Settings, S>, found: Inspection<Out>) => RequiredAction[]
  /** Usual time that applying takes, for the person who waits. */
  usualDuration?: string
  /** What is waited for between apply and ready, as the end of "waiting …". */
  waitingFor?: string
  /** Longest time between apply and ready, ms. */
  readyTimeoutMs?: number
  /** Reads only. */
  inspect(ctx: InspectContext<S, N>): Promise<Inspection<Out>>
  /** Makes inspect say ready; may return before that is seen everywhere. */
  apply(ctx: ApplyContext<S, N>, found: Inspection<Out>): Promise<void>
  /** Takes it back; only called for what we own. May return before that is seen everywhere, and is called for what has gone already. */
  remove?(ctx: RemoveContext<S, N>, out: Partial<Out>): Promise<void>
  /** How `destroy` sees it, where that is more than whether `inspect` finds it ours. Reads only. */
  removability?(ctx: RemovabilityContext<S, N>): Promise<Removability<Out>>
  /** The need that it lives in: that one stays while this does. */
  within?: (settings: Settings) => (keyof N & string) | undefined
  /** Removing it takes along all that is within it, but what is removed `alone`. */
  cascades?: true
  standalone?: true
  /** ARM actions that removing it needs. */
  actionsToRemove?: (settings: Settings) => RequiredAction[]
}

/** Infers the setting names and needs of a step. */
export const step =
  <Out>() =>
  <const S extends SettingName, const N extends Needs>(of: Step<Out, S, N>): Step<Out, S, N> =>
    of

/** A step as the engine sees it. */
export interface AnyStep {
  id: string
  title: string
  command?: StepCommand
  uses: readonly SettingName[]
  needs: Record<string, { id: string }>
  usualDuration?: string
  waitingFor?: string
  readyTimeoutMs?: number
  label: (settings: never) => string
  actionsToApply?: (settings: never, found: never) => RequiredAction[]
  inspect(ctx: never): Promise<Inspection<unknown>>
  apply(ctx: never, found: never): Promise<void>
  remove?(ctx: never, out: never): Promise<void>
  removability?(ctx: never): Promise<Removability<unknown>>
  within?: (settings: never) => string | undefined
  cascades?: true
  standalone?: true
  actionsToRemove?: (settings: never) => RequiredAction[]
}

/** Our mark on what we create: tag, label or part of a description. */
export const ownershipTag = { 'managed-by': 'wi-setup' }
export const hasOwnershipTag = (tags: Record<string, string> | undefined) =>
  tags?.['managed-by'] === 'wi-setup'
