import type { Sandbox, SandboxOptions } from '../../sandbox/index.ts'
import { chainChecks } from '../../src/checks/index.ts'
import { apply } from '../../src/engine/apply.ts'
import { destroy } from '../../src/engine/destroy.ts'
import type { RunEvent } from '../../src/engine/events.ts'
import { plan as inspect, type Plan } from '../../src/engine/plan.ts'
import { planRemoval } from '../../src/engine/plan-removal.ts'
import { makeReadCache, shareReads } from '../../src/engine/read-cache.ts'
import type { Run } from '../../src/engine/run.ts'
import type { AnyStep, DestroyOptions } from '../../src/engine/step.ts'
import { verify } from '../../src/engine/verify.ts'
import { withDefaults } from '../../src/settings/resolve.ts'
import { type Settings, valuesOf } from '../../src/settings/settings.ts'
import { stepsFor } from '../../src/steps/index.ts'
import { type ConnectOptions, connectedSandbox, connectTo } from './sandbox.ts'

/** The whole program but its terminal, against a sandbox of its own. */
export async function newTestRun(
  over: Partial<Settings> = {},
  options: SandboxOptions &
    ConnectOptions & {
      on?: { sandbox: Sandbox }
      /** Changes each step of the list. */
      step?: (step: AnyStep) => AnyStep
      secretValue?: string
    } = {},
) {
  const at = options.on ? await connectTo(options.on.sandbox, options) : await connectedSandbox(options)
  const base = {
    subscription: at.world.subscription.id,
    tenant: at.world.tenant.id,
    location: 'westeurope',
    resourceGroup: 'rg-shop',
    cluster: 'aks-shop',
    namespace: 'shop',
    serviceAccount: 'checkout',
    vault: 'kv-shop',
    secret: 'db-password',
  }
  const settings = valuesOf(withDefaults({}, { ...base, ...over })) as Settings
  const events: RunEvent[] = []
  const reads = makeReadCache()
  const run: Run = {
    settings,
    clients: shareReads(at.clients, reads),
    signal: at.signal,
    emit: (event) => events.push(event),
    secretValue: options.secretValue,
    command: (word, ...names) => ['npx wi-setup', word, ...names].join(' '),
    ...reads,
    polling: { firstDelayMs: 10, maxDelayMs: 50 },
  }
  const steps = stepsFor(settings).map(options.step ?? ((step) => step))
  const writes = () => at.sandbox.journal.filter(({ write }) => write).length
  return {
    ...at,
    settings,
    events,
    run,
    steps,
    plan: () => {
      run.forgetReads()
      return inspect(steps, run)
    },
    /** Plans and applies; throws the first failure. Tells how many requests wrote. */
    async apply(planned?: Plan) {
      const before = writes()
      run.forgetReads()
      const plan = planned ?? (await inspect(steps, run))
      const applied = await apply(steps, plan, run)
      const failed = applied.find(({ outcome }) => outcome === 'failed')
      if (failed) throw failed.error
      return { plan, applied, writes: writes() - before }
    },
    /** Takes it all back; throws the first failure. Tells what was removed, and how many requests wrote. */
    async destroy(consent: Partial<DestroyOptions> = {}) {
      const before = writes()
      run.forgetReads()
      const plan = await planRemoval(steps, run, { purge: false, skipUnreachable: false, ...consent })
      const removed = await destroy(steps, plan, run)
      const failed = removed.find(({ outcome }) => outcome === 'failed')
      if (failed) throw failed.error
      return { plan, removed, writes: writes() - before }
    },
    async verify(waitMs = 0) {
      run.forgetReads()
      return verify(chainChecks, run, waitMs)
    },
    /** Codes of the checks that do not pass. */
    async faults() {
      run.forgetReads()
      return (await verify(chainChecks, run))
        .filter(({ status }) => status === 'fail')
        .map(({ code }) => code)
    },
  }
}

export const actions = (plan: Plan) => Object.fromEntries(plan.items.map(({ id, action }) => [id, action]))
