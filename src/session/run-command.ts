import { type CommandTarget, remedyText } from '../base/command-text.ts'
import { stripControlCharacters } from '../base/control-characters.ts'
import { Interrupted } from '../base/host.ts'
import { UsageError } from '../base/usage-error.ts'
import type { TraceEvent } from '../clients/http-attempt.ts'
import type { EventHandler } from '../engine/events.ts'
import type { Polling, Run } from '../engine/run.ts'
import { withDefaults } from '../settings/resolve.ts'
import type { SettingName, Settings } from '../settings/settings.ts'
import { valuesOf } from '../settings/settings.ts'
import { type CommandPrinter, commandTarget, makeCommandPrinter } from './command-line.ts'
import { startDeadline } from './deadline.ts'
import { exitCodeOf } from './exit-code.ts'
import type { Invocation } from './invocation.ts'
import { readKnownSettings } from './known-settings.ts'
import { makeProgress } from './progress.ts'
import { makeTrustGate } from './require-trust.ts'
import { makeScreen, type Screen } from './screen.ts'
import { openSession, type Session } from './session.ts'
import { requireNamed, settleSettings } from './settle.ts'
import { untilAvailable } from './until-available.ts'

/** The context of a command: signed in, with all its settings. */
export interface CommandRun {
  session: Session
  screen: Screen
  settings: Settings
  run: Run
  printer: CommandPrinter
  signal: AbortSignal
  /** True if prompts are possible. */
  canAsk: boolean
}

export interface RunOptions {
  /** Name of the command in documents. */
  documentName: string
  /** Returns the settings that the command uses, given the values known so far. */
  uses: (settings: Partial<Settings>) => SettingName[]
  /** Returns the secret's value if the command line gives one. */
  secretValue?: () => Promise<string | undefined>
  /** Asks for everything on a terminal, as the complete set-up does. */
  wizard?: boolean
  /** Takes cluster and vault from the subscription if it has just one of each. */
  findsExisting?: boolean
  /** The identity in the settings may be gone. */
  identityMayBeGone?: boolean
  /** With --quiet, failures are reported by the exit code alone. */
  quietFailures?: boolean
  /** How long to wait for services that are unavailable before the command begins, in ms (default: not at all). */
  waitMs?: number
  /** The command needs no subscription. */
  withoutAzure?: boolean
  onRequest?: ((event: TraceEvent) => void) | undefined
  onError?: (error: Error) => void
}

/**
 * Runs a command that talks to Azure: resolves settings, signs in, asks for what is missing, and calls `work`. Turns an
 * error into a message and an exit code; only a `UsageError` is thrown.
 */
export async function runCommand(
  invocation: Invocation,
  options: RunOptions,
  work: (run: CommandRun) => Promise<number>,
): Promise<number> {
  const { host, command } = invocation
  const general = invocation.options
  const known = readKnownSettings(invocation)
  const screen = await makeScreen({ host, options: general, quietFailures: options.quietFailures ?? false })
  const progress = makeProgress()
  const signal = startDeadline(host.signal, general.timeout, progress.text)
  const canAsk = host.interactive && screen.output === 'text'
  let secretValue = await options.secretValue?.()
  // Also rejects settings that contradict each other, before any request.
  const used = options.uses(valuesOf(withDefaults(known)))
  const requireTrust = makeTrustGate(invocation, known, canAsk ? screen.askConsent : undefined)
  const emit: EventHandler = (event) => {
    progress.observe(event)
    screen.report(event)
  }
  const polling = pollingAt(general.sandbox ? general.pace : 1)
  const { waitMs = 0 } = options
  const waiting = { deadline: performance.now() + waitMs, limitMs: waitMs, polling, signal, emit }
  let session: Session | undefined
  try {
    await requireTrust(used)
    if (!canAsk && !general.sandbox) requireNamed(known, used, options, host)
    screen.opening(command, general.sandbox)
    const showDeviceCode = canAsk
      ? (message: string) => screen.say(stripControlCharacters(message))
      : undefined
    const { onRequest, withoutAzure } = options
    const opened = await untilAvailable(waiting, () =>
      openSession({ host, known, options: general, signal, onRequest, withoutAzure, showDeviceCode }),
    )
    session = opened
    if (canAsk && options.wizard && !known.issuer && !general.yes && !general.dryRun) {
      const { runWizard } = await import('./wizard/index.ts')
      const wizardOptions = { say: screen.say, fileName: invocation.file.name }
      secretValue = (await runWizard(session, await screen.prompter(), wizardOptions)) ?? secretValue
    }
    const settled = await untilAvailable(waiting, () =>
      settleSettings(opened, canAsk ? screen.prompter : undefined, options, host),
    )
    if (general.explainSettings) {
      screen.settings(settled)
      return 0
    }
    const settings = valuesOf(settled) as Settings
    // The answers to prompts may have made other settings matter.
    await requireTrust(options.uses(settings))
    const target = commandTarget(settings, host)
    const printer = makeCommandPrinter(invocation, settled)
    // az doesn't know the sandbox's cluster.
    screen.setTarget(general.sandbox ? { ...target, getCredentials: undefined } : target)
    const run = makeRun({ session, settings, emit, signal, secretValue, printer, target, polling })
    return await work({ session, screen, settings, run, printer, signal, canAsk })
  } catch (thrown) {
    return endWithError(signal.aborted ? signal.reason : thrown, screen, options)
  } finally {
    screen.close()
    await session?.close()
  }
}

function endWithError(error: Error, screen: Screen, { documentName, onError }: RunOptions): number {
  if (error instanceof UsageError) throw error
  onError?.(error)
  screen.document({ command: documentName, ok: false, error })
  if (error instanceof Interrupted) {
    screen.say('Stopped. Nothing was changed.')
    return 130
  }
  screen.failure(error)
  return exitCodeOf([error])
}

const pollingAt = (pace: number): Polling => ({
  firstDelayMs: Math.max(20, 1000 * pace),
  maxDelayMs: Math.max(100, 8000 * pace),
})

function makeRun(parts: {
  session: Session
  settings: Settings
  emit: EventHandler
  signal: AbortSignal
  secretValue: string | undefined
  printer: CommandPrinter
  target: CommandTarget
  polling: Polling
}): Run {
  const { session, printer, target, ...run } = parts
  return {
    ...run,
    clients: session.clients,
    command: printer.command,
    print: (remedy) => remedyText(remedy, target),
    ...session.reads,
  }
}
