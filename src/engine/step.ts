import type { ActionRequiredError } from '../base/action-required.ts'
import type { Clients } from '../clients/clients.ts'
import type { NewResource } from '../clients/policies.ts'
import type { SettingName, Settings } from '../settings/settings.ts'

/** A field that differs from what it should be. `owner` is the program that wrote it last, where that is known. */
export interface Difference {
  field: string
  is: string
  want: string
  owner?: string
}

/**
 * What `inspect` found. `owned`: it carries our ownership tag or label. `out` of a drifted resource holds the outputs
 * that are known already. The plan shows `note` and, for a new resource, `details`. `place`: where it will be, if the
 * settings don't tell.
 */
export type Inspection<Out> =
  | { state: 'absent'; note?: string; details?: [string, string][]; place?: Place }
  | { state: 'drifted'; out: Partial<Out>; owned: boolean; diff: Difference[]; note?: string }
  | { state: 'ready'; out: Out; owned: boolean; note?: string }

interface Place {
  group: string
  subscription: string
  /** The action that creates it, if that depends on what was found. */
  action?: string
}

export const absent = (
  note?: string,
  details?: [string, string][],
  place?: Place,
): { state: 'absent'; note?: string; details?: [string, string][]; place?: Place } => ({
  state: 'absent',
  ...(note === undefined ? {} : { note }),
  ...(details === undefined ? {} : { details }),
  ...(place === undefined ? {} : { place }),
})

/** Returns `ready` if no field differs, else `drifted`. */
export function compared<Out>(
  out: Out,
  owned: boolean,
  differences: (Difference | false | undefined)[],
  note?: string,
): Inspection<Out> {
  const diff = differences.filter((each): each is Difference => Boolean(each))
  const extra = note === undefined ? {} : { note }
  return diff.length
    ? { state: 'drifted', out, owned, diff, ...extra }
    : { state: 'ready', out, owned, ...extra }
}

export const differs = (
  field: string,
  is: string | undefined,
  want: string,
  owner?: string,
): Difference | undefined =>
  is === want ? undefined : { field, is: is ?? '(none)', want, ...(owner === undefined ? {} : { owner }) }

// biome-ignore lint/suspicious/noExplicitAny: the engine passes outputs from step to step, whatever their types
export type AnyStep = Step<any, any, any>
export type Needs = Record<string, AnyStep>
// biome-ignore lint/suspicious/noExplicitAny: only Out is inferred
export type StepOutput<S> = S extends Step<infer Out, any, any> ? Out : never

interface StepContext<S extends SettingName> {
  settings: Pick<Settings, S>
  signal: AbortSignal
  /** Shows the user what the step waits for. */
  note: (text: string) => void
  /** The user's value for the secret; undefined: generate one if it is absent. Never printed or saved. */
  secretValue: string | undefined
}

/** For `inspect`: of each need, the outputs that are known so far. */
export type InspectContext<S extends SettingName, N extends Needs> = StepContext<S> &
  Clients & { [K in keyof N]: Partial<StepOutput<N[K]>> }
/** For `removability`: the same for what still exists, with all settings. */
export type RemovabilityContext<S extends SettingName, N extends Needs> = InspectContext<S, N> &
  DestroyOptions & { settings: Settings }
/** For `apply`: every need is ready. */
export type ApplyContext<S extends SettingName, N extends Needs> = StepContext<S> &
  Clients & { [K in keyof N]: StepOutput<N[K]> }
/** For `remove`: the needs as `removability` found them. */
export type RemoveContext<S extends SettingName, N extends Needs> = ApplyContext<S, N> &
  DestroyOptions & { settings: Settings }

/** What `destroy` may do with a resource. `note`: what is lost, or why it is retained. */
export type Removability<Out> =
  /** `retainsContainer`: why the resource that contains it must be retained, though this one is deleted or absent. */
  | { state: 'absent'; retainsContainer?: string | undefined }
  | {
      state: 'removable'
      out: Partial<Out>
      note?: string | undefined
      retainsContainer?: string | undefined
      /** The caller lacks the permission to delete it. Irrelevant if it is deleted with its container. */
      denial?: ActionRequiredError | undefined
    }
  | {
      state: 'retained'
      out: Partial<Out>
      note: string
      /** Its container may be deleted all the same. */
      detached?: true
      /** The need without which it could not be deleted later, and which is therefore retained as well. */
      neededLater?: string
    }
  | { state: 'unreachable'; out: Partial<Out>; note: string }

export const nothingToRemove = { state: 'absent' as const }

export const retained = <Out>(out: Partial<Out>, note: string): Removability<Out> => ({
  state: 'retained',
  out,
  note,
})

export const removable = <Out>(
  out: Partial<Out>,
  note?: string,
  retainsContainer?: string,
): Removability<Out> => ({ state: 'removable', out, note, retainsContainer })

export const notManaged = 'not created by wi-setup'

/** The flags of `destroy`. */
export interface DestroyOptions {
  /** Permanently delete soft-deleted resources. */
  purge: boolean
  /** Retain what is unreachable instead of failing. */
  skipUnreachable: boolean
}

/** An ARM action in a resource group, or in the subscription; the main subscription if it names none. */
export interface RequiredAction {
  action: string
  group?: string
  subscription?: string
  /** What it is needed on, if that is not the group or the subscription: `blobs of stshop`. */
  on?: string
}

/** A resource that does not exist yet. The main subscription, if it names none; the subscription itself without a group. */
export interface PlannedResource extends Omit<NewResource, 'scope' | 'location'> {
  location?: string | undefined
  group?: string
  subscription?: string
}

/** The commands that create a part of the set-up. */
export type StepCommand = 'cluster' | 'identity' | 'federate' | 'webhook' | 'vault' | 'grant' | 'sample'

/** One resource that must exist. */
export interface Step<Out, S extends SettingName = SettingName, N extends Needs = Needs> {
  /** Named after the resource; the ID in JSON. */
  id: string
  title: string
  /** The command that creates it; left out if every command may. */
  command?: StepCommand
  uses: readonly S[]
  needs: N
  /** Its name in this run: `aks-shop`. */
  label: (settings: Pick<Settings, S>) => string
  /** ARM actions that `apply` needs. */
  actionsToApply?: (settings: Pick<Settings, S>, inspection: Inspection<Out>) => RequiredAction[]
  /**
   * The Azure resource that `apply` creates, for the policies that may deny it; undefined: none, or not known enough. With
   * `location: undefined`, that of a new resource group.
   */
  newResource?: (
    settings: Pick<Settings, S>,
    needs: { [K in keyof N]: Partial<StepOutput<N[K]>> },
  ) => PlannedResource | undefined
  /** How long `apply` usually takes: `about 4 min`. */
  usualDuration?: string
  /** What the wait between `apply` and ready is for, after "waiting". */
  waitingFor?: string
  /** Time limit of that wait, and of the wait for a deletion; 3 minutes if left out. */
  readyTimeoutMs?: number
  /** Reads only. */
  inspect(ctx: InspectContext<S, N>): Promise<Inspection<Out>>
  /** Makes `inspect` report ready. May return before the change is visible everywhere. */
  apply(ctx: ApplyContext<S, N>, inspection: Inspection<Out>): Promise<void>
  /** Deletes what we own; may be called again after that. May return before the deletion is visible everywhere. */
  remove?(ctx: RemoveContext<S, N>, out: Partial<Out>): Promise<void>
  /** Left out: what `inspect` finds owned is removable. Reads only. */
  removability?(ctx: RemovabilityContext<S, N>): Promise<Removability<Out>>
  /** The need whose resource contains this one. */
  within?: (settings: Settings) => (keyof N & string) | undefined
  /** Deleting it deletes everything within it, except `standalone` resources. */
  cascades?: true
  standalone?: true
  /** Whether the user confirms the deletion by its name, because its contents can't be recovered. */
  confirmedByName?: (options: DestroyOptions) => boolean
  /** ARM actions that `remove` needs. */
  actionsToRemove?: (settings: Settings) => RequiredAction[]
}

/** Infers the setting names and needs of a step. */
export const step =
  <Out>() =>
  <const S extends SettingName, const N extends Needs>(definition: Step<Out, S, N>): Step<Out, S, N> =>
    definition

/** The Azure tag of resources that wi-setup created. */
export const ownershipTag = { 'managed-by': 'wi-setup' }
export const hasOwnershipTag = (tags: Record<string, string> | undefined) =>
  tags?.['managed-by'] === 'wi-setup'
