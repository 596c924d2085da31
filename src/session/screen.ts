import { Interrupted, wrapsCommands } from '../base/host.ts'
import { quoted } from '../base/shell.ts'
import { UsageError } from '../base/usage-error.ts'
import type { StepResult } from '../engine/apply.ts'
import type { EventHandler } from '../engine/events.ts'
import type { Plan } from '../engine/plan.ts'
import type { RemovalPlan } from '../engine/plan-removal.ts'
import { type CheckResult, isHealthy } from '../engine/verify.ts'
import { explain } from '../explain/index.ts'
import type { KnownSettings, Settings } from '../settings/settings.ts'
import { type SettingSpec, settingsTable } from '../settings/table.ts'
import { sampleName } from '../steps/sample.ts'
import { jsonDocument } from '../ui/json.ts'
import { junitReport } from '../ui/junit.ts'
import { lintText } from '../ui/lint-text.ts'
import type { ProgressView } from '../ui/live-view.ts'
import {
  destroyedText,
  failedStepsText,
  failureText,
  healthyText,
  interruptedText,
  successText,
  unhealthyText,
} from '../ui/outcome-text.ts'
import { makePlainView } from '../ui/plain-view.ts'
import { planHeading, planText, settingsText } from '../ui/plan-text.ts'
import type { Prompter } from '../ui/prompts.ts'
import { hangingIndent, type TerminalStyle } from '../ui/text.ts'
import type { Invocation } from './invocation.ts'
import type { Given, Session } from './session.ts'

type Outcome = {
  settings: Settings
  applied: readonly StepResult[]
  checks: readonly CheckResult[]
  session: Session
  stopped: boolean
}

/** `junit` is for verify alone. */
type Output = 'text' | 'json' | 'junit'

function outputOf({ world, globals, word }: Invocation): Output {
  const output = globals.output ?? (world.env.WI_SETUP_OUTPUT || 'text')
  const all = word === 'verify' ? ['text', 'json', 'junit'] : ['text', 'json']
  if (!all.includes(output))
    throw new UsageError(`--output ${JSON.stringify(output)} is not one of ${all.join(', ')}`)
  return output as Output
}

/** All that a command shows: people read the error stream, results go to the standard output. */
export interface Screen {
  output: Output
  report: EventHandler
  opening(given: Given): void
  say(text: string): void
  settings(known: KnownSettings): void
  plan(plan: Plan, settings: Settings): void
  takeBack(plan: RemovalPlan, settings: Settings): void
  takenBack(removed: readonly StepResult[]): void
  agree(): Promise<boolean>
  wizard(session: Session): Promise<string | undefined>
  askFor(options: readonly SettingSpec[], session: Session): Promise<void>
  /** Shows progress while this goes on. */
  working<T>(work: () => Promise<T>): Promise<T>
  /** The one JSON document, if that is wanted. */
  document(
    of: Omit<Parameters<typeof jsonDocument>[0], 'error' | 'settings'> & {
      settings?: Settings
      error?: Error
    },
  ): void
  outcome(of: Outcome): void
  verified(settings: Settings, checks: readonly CheckResult[]): void
  linted(of: Omit<Parameters<typeof lintText>[0], 'look'>): void
  failure(error: Error): void
  close(): void
}

export async function makeScreen(invocation: Invocation): Promise<Screen> {
  const { world, globals, word } = invocation
  const output = outputOf(invocation)
  const look: TerminalStyle = {
    columns: world.columns,
    color: world.color && globals.color !== false,
    unicode: world.unicode,
    fold: wrapsCommands(world, world.stderr),
  }
  const quiet = globals.quiet === true
  const say = (text: string) => {
    if (!quiet && output === 'text') world.stderr.write(text.endsWith('\n') ? text : `${text}\n`)
  }
  // A health check that is to be quiet tells all by its exit code.
  const complain = (text: string) => {
    if (output === 'text' && !(quiet && word === 'verify')) world.stderr.write(text)
  }
  const live = !quiet && output === 'text'
  const lasting = world.stderr.isTTY && !world.env.CI && !globals.debug
  const reporter: ProgressView | undefined = !live
    ? undefined
    : lasting
      ? (await import('../ui/live-view.ts')).makeLiveView(world.stderr, look)
      : makePlainView(world.stderr, look)
  let prompter: Prompter | undefined
  const asking = async () => {
    const { makePrompter } = await import('../ui/prompts.ts')
    prompter ??= makePrompter({ input: world.stdin, output: world.stderr, signal: world.signal, ...look })
    return prompter
  }
  const typed = ['npx wi-setup', ...world.argv.map(quoted)].join(' ')

  return {
    output,
    report: (event) => reporter?.report(event),
    opening: ({ sandbox }) =>
      say(
        `${hangingIndent('', 0, `wi-setup${word ? ` ${word}` : ''}  passwordless Azure access for a Kubernetes workload${sandbox ? '   (sandbox)' : ''}`, look.columns)}\n\n`,
      ),
    say,
    settings(known) {
      if (output === 'text') world.stdout.write(settingsText(known, { ...look, color: false }))
      else
        world.stdout.write(
          `${JSON.stringify(Object.fromEntries(settingsTable.map(({ name }) => [name, known[name] ?? null])))}\n`,
        )
    },
    plan: (plan, settings) => say(`${planText(plan, { heading: planHeading(settings), look })}\n`),
    takeBack: (plan, settings) =>
      say(
        `${planText(plan, {
          heading: planHeading(settings).replace('Plan for', 'Taking back'),
          look,
          end: plan.options.purge ? 'What is purged cannot be recovered.' : 'Nothing is purged.',
        })}\n`,
      ),
    takenBack: (removed) =>
      say(
        `${removed.some(({ item }) => item.action === 'remove') ? '\n' : ''}${destroyedText({ removed, look })}`,
      ),
    agree: async () => (await asking()).confirm({ message: 'Go ahead', default: false }),
    wizard: async (session) => (await import('./wizard.ts')).wizard(session, await asking(), say),
    askFor: async (options, session) => {
      if (options.length) await (await import('./wizard.ts')).askFor(options, session, await asking())
    },
    async working(work) {
      try {
        return await work()
      } finally {
        reporter?.stop()
      }
    },
    document({ error, settings, ...of }) {
      const explained = error && explain(error)
      if (output === 'json')
        world.stdout.write(
          `${JSON.stringify(jsonDocument({ ...of, settings: settings ?? {}, error: explained }))}\n`,
        )
      if (output === 'junit')
        world.stdout.write(junitReport({ checks: of.checks ?? [], error: explained, now: new Date() }))
    },
    outcome({ applied, checks, settings, session, stopped }) {
      if (stopped) {
        const { reason } = session.given.signal
        const why = reason instanceof Interrupted ? undefined : explain(reason).what
        const text = `\n${interruptedText({ applied, again: typed, look, why })}`
        return why === undefined ? say(text) : void (output === 'text' && world.stderr.write(text))
      }
      if (applied.some((each) => each.outcome === 'failed'))
        return void world.stderr.write(
          output === 'json' ? '' : `\n${failedStepsText({ applied, again: typed, look })}`,
        )
      if (!isHealthy(checks))
        return void world.stderr.write(output === 'json' ? '' : `\n${unhealthyText({ checks, look })}`)
      if (checks.length === 0)
        return say(
          applied.every(({ item }) => item.action === 'keep')
            ? '\n  Everything was there already; nothing was changed.\n'
            : '\n  Done.\n',
        )
      const see = checks.some(({ code, status }) => code === 'WI604' && status === 'pass')
        ? [
            session.given.sandbox
              ? `${session.command('sample')} --yes --port 8080`
              : `kubectl -n ${settings.namespace} port-forward svc/${sampleName} 8080:80`,
            `curl localhost:8080/secrets/${settings.secret}`,
          ]
        : []
      say(`\n${successText({ settings, checks, applied, see, command: session.command, look })}`)
    },
    verified(settings, checks) {
      // On a terminal nothing stands between this and the heading, unless something was asked.
      const apart = lasting && !prompter ? '' : '\n'
      if (isHealthy(checks)) say(`${apart}${healthyText({ settings, checks, look })}`)
      else complain(`${apart}${unhealthyText({ checks, look })}`)
    },
    linted(of) {
      if (isHealthy(of.checks)) say(`\n${lintText({ ...of, look })}`)
      else complain(`\n${lintText({ ...of, look })}`)
    },
    failure(error) {
      complain(failureText(explain(error), look))
    },
    close: () => reporter?.stop(),
  }
}
