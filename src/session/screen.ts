import { type Script, wiSetup } from '../base/command.ts'
import { type CommandTarget, hostTarget } from '../base/command-text.ts'
import { stripControlCharacters } from '../base/control-characters.ts'
import { type Host, Interrupted } from '../base/host.ts'
import { jsonText } from '../base/json-text.ts'
import { type CheckResult, isHealthy } from '../engine/check-result.ts'
import type { EventHandler } from '../engine/events.ts'
import type { Plan } from '../engine/plan.ts'
import type { RemovalPlan } from '../engine/plan-removal.ts'
import type { StepResult } from '../engine/step-result.ts'
import { explain } from '../explain/index.ts'
import type { GeneralOptions, Output } from '../settings/general.ts'
import type { KnownSettings, Settings } from '../settings/settings.ts'
import { settingsTable } from '../settings/table.ts'
import type { Statements } from '../targets/target.ts'
import { failureText } from '../ui/error-text.ts'
import { jsonDocument } from '../ui/json.ts'
import { junitReport } from '../ui/junit.ts'
import { lintText } from '../ui/lint-text.ts'
import type { ProgressView } from '../ui/live-view.ts'
import { makePlainView } from '../ui/plain-view.ts'
import { planHeading, planText, settingsText } from '../ui/plan-text.ts'
import type { Prompter } from '../ui/prompts.ts'
import {
  destroyedText,
  failedStepsText,
  interruptedText,
  partDoneText,
  successText,
} from '../ui/set-up-text.ts'
import { statementsText } from '../ui/statements-text.ts'
import { hangingIndent, type TerminalStyle, width } from '../ui/text.ts'
import { healthyText, unhealthyText } from '../ui/verify-text.ts'
import { terminalStyle } from './terminal-style.ts'

export interface ScreenOptions {
  host: Host
  options: Pick<GeneralOptions, 'output' | 'quiet' | 'color' | 'debug'>
  /** With --quiet, failures are reported by the exit code alone. */
  quietFailures: boolean
}

interface SetUpResult {
  settings: Settings
  applied: readonly StepResult[]
  checks: readonly CheckResult[]
  /** Why the run was stopped; undefined if it wasn't. */
  stopReason: Error | undefined
  /** Command lines that read the secret through the sample app. */
  readSecret: readonly Script[]
  /** What a job outside a cluster needs in its definition. */
  snippet?: string | undefined
  command: (command: string) => Script
  /** The command that checks the chain, after a part of the set-up that can complete it. */
  prove?: Script | undefined
}

type DocumentContents = Omit<Parameters<typeof jsonDocument>[0], 'error' | 'settings'> & {
  settings?: Settings
  error?: Error
}

/** Everything a command shows. Progress and prompts go to standard error, results to standard output. */
export interface Screen {
  output: Output
  report: EventHandler
  /** From now on, printed commands name this cluster and subscription. */
  setTarget(target: CommandTarget): void
  opening(command: string, sandbox: boolean): void
  say(text: string): void
  settings(known: KnownSettings): void
  /** `sources`: label and value of other parties that the plan involves. */
  plan(
    plan: Plan,
    settings: Settings,
    more: { sources: readonly (readonly [string, string])[]; statements: readonly Statements[] },
  ): void
  removalPlan(plan: RemovalPlan, settings: Settings): void
  removed(removed: readonly StepResult[]): void
  confirm(message: string): Promise<boolean>
  /** Shows a text, also with --quiet, and asks for consent to it. */
  askConsent(text: string, question: string): Promise<boolean>
  prompter(): Promise<Prompter>
  /** Shows live progress until the work is done. */
  during<T>(work: () => Promise<T>): Promise<T>
  /** Writes the JSON or JUnit jsonDocument, if --output asks for one. */
  document(contents: DocumentContents): void
  setUpResult(result: SetUpResult): void
  /** Shows the statements that the user has to run. */
  statements(statements: readonly Statements[]): void
  verified(settings: Settings, checks: readonly CheckResult[]): void
  linted(result: Omit<Parameters<typeof lintText>[0], 'look'>): void
  failure(error: Error): void
  close(): void
}

/** Returns the screen of one run. */
export async function makeScreen({ host, options, quietFailures }: ScreenOptions): Promise<Screen> {
  const { output, quiet } = options
  const look = { ...terminalStyle(host, 'stderr', options.color), target: hostTarget(host) }
  const isText = output === 'text'
  const isLive = host.stderr.isTTY && !host.env.CI && !options.debug
  const reporter = quiet || !isText ? undefined : await makeReporter(host.stderr, look, isLive)
  const { say, fail, failQuietly } = makeWriters(host.stderr, { isText, quiet, quietFailures })
  let prompter: Prompter | undefined
  const screen: Screen = {
    output,
    say,
    report: (event) => reporter?.report(event),
    opening: (command, sandbox) => say(`${openingLine(command, sandbox, look)}\n\n`),
    settings: (known) =>
      host.stdout.write(isText ? settingsText(known, { ...look, color: false }) : settingsJson(known)),
    plan: (plan, settings, { sources, statements }) =>
      say(
        `${planText(plan, { heading: planHeading(settings), look, sources })}\n${statementsText(statements, look)}`,
      ),
    removalPlan: (plan, settings) => say(removalPlanText(plan, settings, look)),
    removed: (removed) =>
      say(
        `${removed.some(({ item }) => item.action === 'remove') ? '\n' : ''}${destroyedText({ removed, look })}`,
      ),
    confirm: async (message) => (await screen.prompter()).confirm({ message, default: false }),
    askConsent(text, question) {
      host.stderr.write(`${stripControlCharacters(text)}\n\n`)
      return screen.confirm(question)
    },
    async prompter() {
      const { makePrompter } = await import('../ui/prompts.ts')
      prompter ??= makePrompter({ input: host.stdin, output: host.stderr, signal: host.signal, ...look })
      return prompter
    },
    async during(work) {
      try {
        return await work()
      } finally {
        reporter?.stop()
      }
    },
    setTarget(target) {
      look.target = target
    },
    document: (contents) => host.stdout.write(documentText(output, contents, look.target)),
    setUpResult(result) {
      const { text, isFailure } = setUpResultText(result, typedCommand(host), look)
      if (isFailure) fail(text)
      else say(text)
    },
    statements: (statements) => {
      if (statements.length) say(`\n${statementsText(statements, look)}`)
    },
    verified(settings, checks) {
      // Live progress leaves an empty line above, unless a prompt came in between.
      const gap = isLive && !prompter ? '' : '\n'
      if (isHealthy(checks)) say(`${gap}${healthyText({ settings, checks, look })}`)
      else failQuietly(`${gap}${unhealthyText({ checks, look })}`)
    },
    linted(result) {
      const text = `\n${lintText({ ...result, look })}`
      if (isHealthy(result.checks)) say(text)
      else failQuietly(text)
    },
    failure: (error) => failQuietly(failureText(explain(error), look)),
    close: () => reporter?.stop(),
  }
  return screen
}

/** Returns the ways to write to standard error; only text output writes there. */
function makeWriters(
  stderr: NodeJS.WriteStream,
  { isText, quiet, quietFailures }: { isText: boolean; quiet: boolean; quietFailures: boolean },
) {
  const fail = (text: string) => {
    if (isText) stderr.write(text)
  }
  return {
    fail,
    say(text: string) {
      if (!quiet) fail(text.endsWith('\n') ? text : `${text}\n`)
    },
    failQuietly(text: string) {
      if (!(quiet && quietFailures)) fail(text)
    },
  }
}

const settingsJson = (known: KnownSettings): string =>
  `${jsonText(Object.fromEntries(settingsTable.map(({ name }) => [name, known[name] ?? null])))}\n`

const makeReporter = async (
  stream: NodeJS.WriteStream,
  look: TerminalStyle,
  isLive: boolean,
): Promise<ProgressView> =>
  isLive ? (await import('../ui/live-view.ts')).makeLiveView(stream, look) : makePlainView(stream, look)

/** Returns the command line as it was typed. */
export const typedCommand = ({ argv }: Pick<Host, 'argv'>): Script => wiSetup(...argv)

/** Returns the title of a run, without what the program does if that doesn't fit. */
function openingLine(command: string, sandbox: boolean, look: TerminalStyle): string {
  const name = `wi-setup${command ? ` ${command}` : ''}`
  const end = sandbox ? '   (sandbox)' : ''
  const line = `${name}  Azure access without a password${end}`
  return hangingIndent('', 0, width(line) > look.columns ? name + end : line, look.columns)
}

const removalPlanText = (plan: RemovalPlan, settings: Settings, look: TerminalStyle) =>
  `${planText(plan, {
    heading: planHeading(settings, 'Deleting'),
    look,
    end: plan.options.purge ? "Purged resources can't be recovered." : 'Nothing is purged.',
  })}\n`

function documentText(
  output: Output,
  { error, settings, ...contents }: DocumentContents,
  target: CommandTarget,
): string {
  const explained = error && explain(error)
  if (output === 'json')
    return `${jsonText(jsonDocument({ ...contents, settings: settings ?? {}, error: explained, target }))}\n`
  return output === 'junit'
    ? junitReport({ checks: contents.checks ?? [], error: explained, now: new Date(), target })
    : ''
}

function setUpResultText(
  { applied, checks, settings, stopReason, readSecret, snippet, command, prove }: SetUpResult,
  again: Script,
  look: TerminalStyle,
): { text: string; isFailure: boolean } {
  if (stopReason !== undefined) {
    const why = stopReason instanceof Interrupted ? undefined : explain(stopReason).what
    return { text: `\n${interruptedText({ applied, again, look, why })}`, isFailure: why !== undefined }
  }
  if (applied.some(({ outcome }) => outcome === 'failed'))
    return { text: `\n${failedStepsText({ applied, again, look })}`, isFailure: true }
  if (!isHealthy(checks)) return { text: `\n${unhealthyText({ checks, look })}`, isFailure: true }
  if (checks.length > 0)
    return {
      text: `\n${successText({ settings, checks, applied, see: readSecret, snippet, command, look })}`,
      isFailure: false,
    }
  const changed = applied.some(({ item }) => item.action !== 'keep')
  return { text: `\n${partDoneText({ changed, prove, look })}`, isFailure: false }
}
