import { ActionRequiredError } from '../base/action-required.ts'
import { stateFolder } from '../base/host.ts'
import { UsageError } from '../base/usage-error.ts'
import type { Subscription } from '../clients/account.ts'
import type { Clients } from '../clients/clients.ts'
import { type Cloud, clouds } from '../clients/cloud.ts'
import type { Http } from '../clients/http.ts'
import type { KubeContext } from '../clients/kube/kubeconfig.ts'
import { commands } from '../commands/index.ts'
import { makeReadCache, type Run } from '../engine/run.ts'
import { shareReads } from '../engine/shared-reads.ts'
import { resolveSettings } from '../settings/resolve.ts'
import { isGuid } from '../settings/rules.ts'
import type { KnownSettings, SettingName, Settings } from '../settings/settings.ts'
import { settingSpec, settingsTable, suggestVault } from '../settings/table.ts'
import { sanitizeLine } from '../ui/text.ts'
import { commandLine, type Invocation } from './invocation.ts'
import { openSandbox } from './open-sandbox.ts'
import { type AtWork, makeAtWork } from './operations-in-progress.ts'
import { readAnswers } from './saved-settings.ts'

/** What was given, before anything is asked of a service. */
export interface Given {
  invocation: Invocation
  known: KnownSettings
  sandbox: boolean
  pace: number
  /** `public`, `usgov`, `china` or the URL of a resource manager; undefined for the sandbox. */
  cloud: string | undefined
  /** The file holds the answers of a run against Azure, and this one is against the sandbox. */
  foreignFile: boolean
  signal: AbortSignal
  atWork: AtWork
}

/** A cloud that one is signed in to. */
export interface Session {
  given: Given
  cloud: Cloud
  clients: Clients
  http: Http
  reads: Pick<Run, 'once' | 'forgetReads'>
  /** Subscriptions of the caller; empty if none had to be looked up. */
  subscriptions: Subscription[]
  /** What could be found out without asking, and in the sandbox a name for all that is missing. */
  found: Partial<Settings>
  /** Works in this subscription from now on. */
  choose(subscription: Subscription): void
  /** Contexts of the kubeconfig that kubectl would use. */
  contexts(): Promise<KubeContext[]>
  /** A command line of ours, with these settings, and while no answers are kept, all that was said for this one. */
  command: (word: string, ...names: SettingName[]) => string
  /** True once the answers are in the file, where the next command finds them. */
  kept: boolean
  close(): Promise<void>
}

/** Reads flags, environment and file; throws `UsageError` naming every fault. Sends nothing. */
export function readGiven(invocation: Invocation): Given {
  const { world, globals, flags } = invocation
  const { answers, shown } = readAnswers(invocation)
  const known = resolveSettings({ flags, env: world.env, file: answers.settings, filePath: shown })
  const cloud = globals.cloud ?? (world.env.WI_SETUP_CLOUD || undefined)
  const sandbox =
    globals.sandbox ??
    (world.env.WI_SETUP_SANDBOX
      ? world.env.WI_SETUP_SANDBOX === 'true'
      : (answers.sandbox ?? false) && cloud === undefined)
  if (sandbox && cloud !== undefined) throw new UsageError('--sandbox and --cloud exclude each other')
  // The sandbox has its own: what a file says of them is of another cloud, or of a sandbox that was reset.
  if (sandbox)
    for (const name of ['subscription', 'tenant'] as const)
      if (known[name]?.source === 'file') delete known[name]
  const pace = Number(globals.pace ?? (world.env.WI_SETUP_PACE || '0.05'))
  if (!(pace >= 0 && pace <= 10))
    throw new UsageError(
      `--pace ${JSON.stringify(globals.pace ?? world.env.WI_SETUP_PACE)} is not a factor from 0 to 10`,
    )
  const named = cloud ?? answers.cloud ?? 'public'
  if (!sandbox && !Object.hasOwn(clouds, named) && !/^https:\/\/[^/]/.test(named))
    throw new UsageError(`--cloud ${JSON.stringify(named)} is neither public, usgov, china nor an https URL`)
  const atWork = makeAtWork()
  const real =
    !answers.sandbox && (answers.settings.subscription !== undefined || answers.cloud !== undefined)
  return {
    invocation,
    foreignFile: sandbox && real,
    known,
    sandbox,
    pace,
    cloud: sandbox ? undefined : named,
    signal: signalOf(invocation, atWork),
    atWork,
  }
}

function signalOf({ world, globals }: Invocation, atWork: AtWork): AbortSignal {
  const text = globals.timeout ?? (world.env.WI_SETUP_TIMEOUT || undefined)
  if (text === undefined) return world.signal
  const limit = new AbortController()
  const over = () => {
    const what = `Not done within ${text}, the --timeout; at work: ${atWork.text()}`
    limit.abort(new ActionRequiredError(what, 'Run the same command again: it goes on from here'))
  }
  setTimeout(over, milliseconds('--timeout', text)).unref()
  return AbortSignal.any([world.signal, limit.signal])
}

const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** `90s`, `5m`, `1h`. */
export function milliseconds(flag: string, text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  if (amount === undefined || Number(amount) * units[unit!]! > 2 ** 31 - 1)
    throw new UsageError(`${flag} ${JSON.stringify(text)} is not a time      e.g. 90s, 5m, 1h`)
  return Number(amount) * units[unit!]!
}

/** Signs in and finds the subscription; starts or joins the sandbox if that is the cloud. */
export async function openSession(given: Given, deviceCode?: (message: string) => void): Promise<Session> {
  const { invocation, known, signal } = given
  const { world, globals } = invocation
  const [{ makeHttp }, { makeCredential }, { connect }, { fetchCloud }] = await Promise.all([
    import('../clients/http.ts'),
    import('../clients/credential.ts'),
    import('../clients/connect.ts'),
    import('../clients/metadata.ts'),
  ])
  const sandbox = given.sandbox
    ? await openSandbox(stateFolder(world), world.pid, {
        pace: given.pace,
      })
    : undefined
  try {
    const http = makeHttp({
      ...(sandbox ? { ca: sandbox.ca, pace: given.pace } : {}),
      ...(globals.debug || invocation.traced
        ? {
            trace: (event) => {
              invocation.traced?.(event)
              if (!globals.debug) return
              world.stderr.write(
                `debug: ${sanitizeLine(`${event.method} ${event.url} ${event.status ?? event.failure} ${event.ms} ms ${event.requestId ?? ''}`)}\n`,
              )
            },
          }
        : {}),
    })
    const arm = sandbox?.arm ?? given.cloud!
    const cloud = Object.hasOwn(clouds, arm)
      ? clouds[arm as keyof typeof clouds]
      : await fetchCloud({ arm, http, signal })
    const credential = makeCredential({
      cloud,
      tenantId: known.tenant?.value ?? sandbox?.tenantId,
      env: world.env,
      http,
      signal,
      deviceCode,
      explicit: sandbox && { tenantId: sandbox.tenantId, ...sandbox.operator },
    })
    const wiring = { cloud, credential, http, env: world.env, signal }
    const { subscriptions, found } = await findSubscription(
      known,
      sandbox && { id: sandbox.subscriptionId, tenantId: sandbox.tenantId },
      () => connect(wiring).account.subscriptions(),
    )
    if (sandbox) Object.assign(found, sandboxNames(known, sandbox.subscriptionId))
    const subscription = found.subscription ?? known.subscription?.value
    const reads = makeReadCache()
    const session: Session = {
      given,
      cloud,
      clients: shareReads(connect({ ...wiring, subscription }), reads.once),
      choose({ id, tenantId }) {
        Object.assign(found, { subscription: id, tenant: tenantId })
        session.clients = shareReads(connect({ ...wiring, subscription: id }), reads.once)
      },
      contexts: async () =>
        given.sandbox
          ? []
          : (await import('../clients/kube/kubeconfig.ts')).listContexts(known.kubeconfig?.value, world.env),
      http,
      reads,
      subscriptions,
      found,
      kept: false,
      command: (word, ...names) =>
        commandLine(
          word,
          session.kept ? names : [...names, ...saidFor(word, known)],
          known,
          globals,
          given.sandbox,
        ),
      close: async () => sandbox?.close(!given.signal.aborted),
    }
    return session
  } catch (error) {
    await sandbox?.close()
    throw error
  }
}

/** The settings said by flag or prompt that another command takes too. */
const saidFor = (word: string, known: KnownSettings): SettingName[] =>
  (commands[word]?.settings ?? settingsTable.map(({ name }) => name)).filter((name) =>
    ['flag', 'asked'].includes(known[name]?.source ?? ''),
  )

/** The subscription by id, by name, or the only one; its tenant with it. */
async function findSubscription(
  known: KnownSettings,
  given: { id: string; tenantId: string } | undefined,
  list: () => Promise<Subscription[]>,
): Promise<{ subscriptions: Subscription[]; found: Partial<Settings> }> {
  const named = known.subscription?.value
  if (given && (named === undefined || named === given.id))
    return { subscriptions: [], found: { subscription: given.id, tenant: given.tenantId } }
  if (named !== undefined && isGuid(named) && known.tenant && isGuid(known.tenant.value))
    return { subscriptions: [], found: { subscription: named } }
  const subscriptions = (await list()).filter(({ state }) => state !== 'Disabled' && state !== 'Deleted')
  const lines = subscriptions.map(({ id, name }) => `  ${id}  ${name}`).join('\n')
  if (subscriptions.length === 0)
    throw new UsageError(
      'the account you are signed in with has no Azure subscription\n  az login with another account, or --tenant to look in another tenant',
    )
  if (named === undefined) {
    const [only] = subscriptions
    return {
      subscriptions,
      found: subscriptions.length === 1 ? { subscription: only!.id, tenant: only!.tenantId } : {},
    }
  }
  const hits = subscriptions.filter(
    ({ id, name }) => id.toLowerCase() === named.toLowerCase() || name === named,
  )
  if (hits.length !== 1)
    throw new UsageError(
      `--subscription ${JSON.stringify(named)} is ${hits.length ? 'the name of several subscriptions' : 'not a subscription of yours'}\n\n${lines}`,
    )
  known.subscription = { ...known.subscription!, value: hits[0]!.id }
  const { tenantId } = hits[0]!
  if (known.tenant && isGuid(known.tenant.value) && known.tenant.value.toLowerCase() !== tenantId)
    throw new UsageError(
      `--tenant ${JSON.stringify(known.tenant.value)} is not the tenant of the subscription ${hits[0]!.name}\n  that is ${tenantId}`,
    )
  if (known.tenant) known.tenant = { ...known.tenant, value: tenantId }
  return { subscriptions, found: { subscription: hits[0]!.id, tenant: hits[0]!.tenantId } }
}

/** Names for a first try, so that the sandbox needs no answers. */
function sandboxNames(known: KnownSettings, subscription: string): Partial<Settings> {
  const namespace = known.namespace?.value
  // The default namespace counts as none, also where it comes from kept answers: the names stay the same.
  const stem =
    namespace === undefined || namespace === settingSpec('namespace').default?.({}) ? 'demo' : namespace
  return {
    location: 'westeurope',
    resourceGroup: `rg-${stem}`,
    cluster: `aks-${stem}`.slice(0, 63),
    vault: suggestVault(subscription, stem),
  }
}
