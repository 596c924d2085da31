import type { Sandbox, SandboxOptions } from '../../sandbox/index.ts'
import { wiSetup } from '../../src/base/command.ts'
import { noTarget, remedyText } from '../../src/base/command-text.ts'
import { chainChecksFor } from '../../src/checks/chain-checks.ts'
import { withPartSubscriptions } from '../../src/clients/clients.ts'
import { apply } from '../../src/engine/apply.ts'
import { destroy } from '../../src/engine/destroy.ts'
import type { RunEvent } from '../../src/engine/events.ts'
import { type Plan, plan } from '../../src/engine/plan.ts'
import { planRemoval } from '../../src/engine/plan-removal.ts'
import { makeReadCache, shareReads } from '../../src/engine/read-cache.ts'
import type { Run } from '../../src/engine/run.ts'
import type { AnyStep, DestroyOptions } from '../../src/engine/step.ts'
import { verify } from '../../src/engine/verify.ts'
import { withDefaults } from '../../src/settings/resolve.ts'
import { type Settings, valuesOf } from '../../src/settings/settings.ts'
import { stepsFor } from '../../src/steps/index.ts'
import { type ConnectOptions, connectedSandbox, connectTo } from './sandbox.ts'

type Options = SandboxOptions &
  ConnectOptions & {
    /** The sandbox to use; by default a new one, which is closed after the tests of this file. */
    sandbox?: Sandbox
    /** Changes each step of the list. */
    step?: (step: AnyStep) => AnyStep
    secretValue?: string
  }

const exampleSettings = {
  location: 'westeurope',
  resourceGroup: 'rg-shop',
  cluster: 'aks-shop',
  namespace: 'shop',
  serviceAccount: 'checkout',
  vault: 'kv-shop',
  secret: 'db-password',
}

/** Connects to a sandbox and builds what the engine needs: the settings, the run, and the steps. */
async function prepareRun(overrides: Partial<Settings>, options: Options) {
  const connected = options.sandbox
    ? await connectTo(options.sandbox, options)
    : await connectedSandbox(options)
  const { clients, signal, state } = connected
  const account = { subscription: state.subscription.id, tenant: state.tenant.id }
  const settings = valuesOf(withDefaults({}, { ...account, ...exampleSettings, ...overrides })) as Settings
  const events: RunEvent[] = []
  const reads = makeReadCache()
  const run: Run = {
    settings,
    clients: withPartSubscriptions(shareReads(clients, reads), settings),
    signal,
    emit: (event) => events.push(event),
    secretValue: options.secretValue,
    command: (name, ...flags) => wiSetup(...(name ? [name] : []), ...flags),
    print: (remedy) => remedyText(remedy, { ...noTarget, program: ['npx', 'wi-setup'] }),
    ...reads,
    polling: { firstDelayMs: 10, maxDelayMs: 50 },
  }
  const steps = stepsFor(settings).map(options.step ?? ((step) => step))
  return { ...connected, settings, events, run, steps }
}

/** Throws the first error of these results. */
function throwFirst(results: readonly { outcome: string; error?: Error }[]): void {
  const failed = results.find(({ outcome }) => outcome === 'failed')
  if (failed) throw failed.error
}

/** Returns the program without its terminal, on a sandbox. No read is shared between methods. */
export async function newTestRun(overrides: Partial<Settings> = {}, options: Options = {}) {
  const prepared = await prepareRun(overrides, options)
  const { run, steps, sandbox } = prepared
  const countWrites = () => sandbox.journal.filter(({ write }) => write).length
  const planNow = () => {
    run.forgetReads()
    return plan(steps, run)
  }
  const verifyNow = (waitMs = 0) => {
    run.forgetReads()
    return verify(chainChecksFor(run.settings), run, waitMs)
  }
  return {
    ...prepared,
    plan: planNow,
    /** Plans and applies; throws the first error. `writes` is the number of requests that wrote. */
    async apply(planned?: Plan) {
      const before = countWrites()
      run.forgetReads()
      const used = planned ?? (await plan(steps, run))
      const applied = await apply(steps, used, run)
      throwFirst(applied)
      return { plan: used, applied, writes: countWrites() - before }
    },
    /** Deletes everything; throws the first error. `writes` is the number of requests that wrote. */
    async destroy(consent: Partial<DestroyOptions> = {}) {
      const before = countWrites()
      run.forgetReads()
      const removal = await planRemoval(steps, run, { purge: false, skipUnreachable: false, ...consent })
      const removed = await destroy(steps, removal, run)
      throwFirst(removed)
      return { plan: removal, removed, writes: countWrites() - before }
    },
    verify: verifyNow,
    /** Returns the codes of the failed checks. */
    async failedCodes() {
      const results = await verifyNow()
      return results.filter(({ status }) => status === 'fail').map(({ code }) => code)
    },
  }
}

/** Returns the action of each step of a plan. */
export const actions = (plan: Plan) => Object.fromEntries(plan.items.map(({ id, action }) => [id, action]))
