import { checks } from '../checks/index.ts'
import { type Applied, apply } from '../engine/apply.ts'
import type { Report } from '../engine/events.ts'
import { plan as inspect, outOf, type Plan, type PlanItem, withNeeds } from '../engine/plan.ts'
import { makeRun, type Run } from '../engine/run.ts'
import type { AnyStep } from '../engine/step.ts'
import { type CheckResult, isHealthy, verify } from '../engine/verify.ts'
import { Refusal } from '../refusal.ts'
import { complete, missing, missingError } from '../settings/resolve.ts'
import type { Known, SettingName, Settings } from '../settings/settings.ts'
import { valuesOf } from '../settings/settings.ts'
import { UsageError } from '../settings/usage-error.ts'
import { stepsFor } from '../steps/index.ts'
import { Interrupted } from '../world.ts'
import { keepAnswers } from './answers-file.ts'
import type { Invocation } from './invocation.ts'
import { readSecretValue } from './secret-value.ts'
import { type Given, openSession, readGiven, type Session } from './session.ts'
import { makeShow, type Show } from './show.ts'

/** How long a set-up waits for the proof: the services say that roles and credentials take up to ten minutes. */
const proofMs = 12 * 60_000

/** The whole job, or one subcommand's part of it: settle the settings, plan, agree, apply, prove. */
export async function work(invocation: Invocation, mode: 'apply' | 'plan'): Promise<number> {
  const given = readGiven(invocation)
  const { world, globals, word } = invocation
  const show = makeShow(invocation)
  const secretValue = await readSecretValue(invocation)
  const ask = world.interactive && show.output === 'text'
  if (!ask) requireNamed(given)
  show.opening(given)
  const session = await openSession(given, ask ? (message) => show.say(message) : undefined)
  try {
    const known = await settle(session, show, ask)
    const settings = valuesOf(known) as Settings
    if (globals.explainSettings) {
      show.settings(known)
      return 0
    }
    const steps = stepsOf(word, settings)
    const run = makeRunOf(session, settings, show.report, secretValue, known)
    const plan = await show.inspecting(() => inspect(steps, run))
    const own = ownPart(plan, word, run)
    const changes = own.items.filter(({ action }) => action !== 'keep')
    show.plan(own, settings)
    if (mode === 'plan' || globals.dryRun) {
      show.document({ command: word || 'plan', ok: true, settings, plan: own })
      return 0
    }
    if (changes.length > 0 && !globals.yes) {
      if (!ask)
        throw new UsageError(
          `${changes.length} changes need your consent, and there is no terminal to ask on\n  look at them above (or with \`npx wi-setup plan\`), then add --yes`,
        )
      if (!(await show.agree())) {
        show.say('Nothing was changed.')
        return 1
      }
    }
    if (
      keepAnswers(invocation, saved(settings, steps), {
        ...(given.sandbox ? { sandbox: true } : {}),
        ...(given.cloud && given.cloud !== 'public' ? { cloud: given.cloud } : {}),
      })
    )
      show.say(`Answers kept in ${globals.file ?? 'wi-setup.yaml'}`)

    const applied = await show.working(() => apply(steps, own, run))
    const failed = applied.filter(({ outcome }) => outcome === 'failed')
    const stopped = applied.some(({ outcome }) => outcome === 'stopped')
    let results: CheckResult[] = []
    if (failed.length === 0 && !stopped && word === '') {
      run.forget()
      results = await show.working(() => verify(checks, run, proofMs))
    }
    const outputs = outputsOf(applied)
    const ok = failed.length === 0 && !stopped && isHealthy(results)
    show.document({
      command: word || 'setup',
      ok,
      settings,
      plan: own,
      applied,
      checks: results,
      outputs,
      error: failed[0]?.error ?? (stopped ? stopReason(session) : undefined),
    })
    show.outcome({ word, settings, plan: own, applied, checks: results, outputs, session, known })
    if (stopped) return session.given.signal.reason instanceof Interrupted ? 130 : 1
    return ok ? 0 : 1
  } catch (error) {
    if (error instanceof UsageError || error instanceof Interrupted) throw error
    if (given.signal.aborted) return show.ended(given.signal.reason)
    show.document({ command: word || 'setup', ok: false, error: error as Error })
    show.failure(error as Error)
    return 1
  } finally {
    show.close()
    await session.close()
  }
}

const stopReason = ({ given }: Session): Error => given.signal.reason as Error

/** The steps of a word, with all that they need. */
function stepsOf(word: string, settings: Partial<Settings>): AnyStep[] {
  const all = stepsFor(settings)
  if (word === '' || word === 'plan') return all
  if (word === 'webhook' && settings.webhook === 'none')
    throw new UsageError('--webhook "none" leaves nothing to do here')
  return withNeeds(all, (step) => step.command === word)
}

/** Those that a lookup can find out. */
const findable: SettingName[] = ['subscription', 'tenant', 'location']

const usedBy = (steps: readonly AnyStep[]) => [...new Set(steps.flatMap(({ uses }) => uses))]

/** Without a person to ask, what cannot be found out must have been given; said before anything is sent. */
function requireNamed({ known, sandbox, invocation }: Given): void {
  if (sandbox) return
  const all = complete(known)
  const open = missing(all, usedBy(stepsOf(invocation.word, valuesOf(all)))).filter(
    ({ name }) => !findable.includes(name),
  )
  if (open.length) throw missingError(open, invocation.word)
}

/** All settings that the steps use: given, found, asked, by default. */
async function settle(session: Session, show: Show, ask: boolean): Promise<Known> {
  const { invocation, known } = session.given
  const { word, globals } = invocation
  if (ask && word === '' && !globals.yes && !globals.dryRun) await show.wizard(session)
  const uses = () => usedBy(stepsOf(word, valuesOf(complete(known, session.found))))
  if (ask)
    await show.askFor(
      () => missing(complete(known, session.found), uses()).filter(({ name }) => name !== 'location'),
      known,
      session,
    )
  const group = valuesOf(complete(known, session.found)).resourceGroup
  if (
    known.location === undefined &&
    session.found.location === undefined &&
    group !== undefined &&
    uses().includes('location')
  ) {
    const found = await session.reads.once(`group:${group}`, () => session.clients.groups.get(group))
    if (found) session.found.location = found.location
    else if (ask)
      await show.askFor(() => missing(complete(known, session.found), ['location']), known, session)
  }
  const all = complete(known, session.found)
  const open = missing(all, uses())
  if (open.length) throw missingError(open, word)
  return all
}

const makeRunOf = (
  session: Session,
  settings: Settings,
  report: Report,
  secretValue: string | undefined,
  known: Known,
): Run => {
  const { given, clients, reads } = session
  const slow = given.sandbox ? given.pace : 1
  Object.assign(given.known, known)
  return makeRun({
    settings,
    clients,
    signal: given.signal,
    report,
    secretValue,
    command: session.command,
    ...reads,
    patience: { first: Math.max(20, 1000 * slow), most: Math.max(100, 8000 * slow) },
  })
}

/** Leaves only the word's own part to do; what others make must be there already, else it says which word makes it. */
function ownPart(plan: Plan, word: string, run: Run): Plan {
  if (word === '' || word === 'plan') return plan
  const foreign = ({ command }: PlanItem) => command !== undefined && command !== word
  const blocker = plan.items.find((item) => foreign(item) && !isUsable(item))
  if (blocker) {
    const lacking =
      blocker.action === 'create'
        ? 'does not exist yet'
        : `is not ready: ${blocker.changes.map(({ field, is, want }) => `${field} is ${is}, must be ${want}`).join('; ')}`
    throw new Refusal(`The ${blocker.title} ${blocker.label} ${lacking}`, run.command(blocker.command!))
  }
  return {
    items: plan.items.map((item) => (foreign(item) ? { ...item, action: 'keep', changes: [] } : item)),
  }
}

/** Good enough to build on: it is there, and all that others take from it is known. */
const isUsable = ({ found }: PlanItem) =>
  found.state === 'ready' ||
  (found.state === 'drifted' && Object.values(outOf(found)).every((value) => value !== undefined))

const saved = (settings: Settings, steps: readonly AnyStep[]): Partial<Settings> =>
  Object.fromEntries(
    Object.entries(settings).filter(([name]) =>
      [...usedBy(steps), 'subscription', 'sample', 'identityKind', 'webhook'].includes(name as SettingName),
    ),
  )

/** What the person may need to know of what was made. */
function outputsOf(applied: readonly Applied[]): Record<string, string> {
  const out = (id: string) =>
    outOf(applied.find(({ item }) => item.id === id)?.found) as Record<string, string | undefined>
  const all = {
    issuer: out('cluster').issuer,
    clientId: out('identity').clientId,
    principalId: out('service-principal').principalId,
    tenantId: out('vault').tenantId,
    credential: out('federated-credential').name,
    vaultUri: out('vault').uri,
    secretId: out('secret').id,
  }
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
