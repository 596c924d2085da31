import type { Sandbox, SandboxOptions } from '../../sandbox/index.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { newSandbox } from '../support/sandbox.ts'
import type { LawRequest } from './faults.ts'
import {
  grantsKind,
  jobKind,
  kubeconfigKind,
  type Prepared,
  preparations,
  splitKind,
} from './preparations.ts'

/** The result of one case of a law. */
export interface LawResult {
  /** The step or the situation. */
  name: string
  failure?: string
}

export interface Law {
  name: string
  cases(): AsyncGenerator<LawResult>
}

export const setUpKinds: Record<string, Partial<Settings>> = {
  'app registration, roles, sample': {},
  'managed identity, access policies': { identityKind: 'managed', vaultAccess: 'policy', sample: false },
}

/** The set-ups whose requests get the faults of law 4; `includes` limits them to requests that the others don't have. */
export const faultKinds: Record<
  string,
  { over: Partial<Settings>; includes?: (request: LawRequest) => boolean }
> = {
  'app registration, roles': { over: { sample: false } },
  'managed identity, access policies': { over: setUpKinds['managed identity, access policies']! },
  // Its container is a process: the most expensive part of a run.
  sample: {
    over: {},
    includes: ({ step, path }) =>
      step === 'sample' || (step === 'proof' && /vault-reader|\/proxy/.test(path)),
  },
  [grantsKind]: {
    over: {},
    // The other steps are the same as above.
    includes: ({ step, path }) =>
      step.startsWith('grant ') || (step === 'proof' && /\/secrets|\/permissions/.test(path)),
  },
  // The only set-up without a cluster, and with grants of several targets.
  [jobKind]: {
    over: {},
    // Each read once, and of the grants those of Cosmos DB, which has roles of its own.
    includes: ({ step, role, write, nth }) =>
      (write || nth === 1) &&
      (/^(issuer|federated-credential)$|^grant cosmos/.test(step) ||
        (step.startsWith('grant ') && write) ||
        (step === 'proof' && ['ci', 'blob', 'cosmos', 'messaging'].includes(role))),
  },
  [kubeconfigKind]: { over: {}, includes: ({ role }) => role === 'kube' || role === 'issuer' },
  // The same requests as above, sent to other subscriptions.
  [splitKind]: {
    over: {},
    includes: ({ role, write, step }) =>
      role === 'arm' && write && step !== 'providers' && step !== 'resource-group',
  },
}

/** A sandbox for a kind of set-up, its settings, and the environment variables of its runs. */
interface LawSandbox extends Pick<Prepared, 'over'> {
  sandbox: Sandbox
  env: Record<string, string>
  close(): Promise<void>
}

/** Returns a sandbox for this kind of set-up, and its settings. */
export async function newLawSandbox(kind: string, options: SandboxOptions = {}): Promise<LawSandbox> {
  const preparation = preparations[kind]
  const sandbox = await newSandbox({ ...options, ...preparation?.options })
  const prepared = await preparation?.prepare(sandbox)
  return {
    sandbox,
    over: prepared?.over ?? faultKinds[kind]?.over ?? setUpKinds[kind]!,
    env: prepared?.env ?? {},
    async close() {
      await sandbox.close()
      prepared?.discard?.()
    },
  }
}

/** Runs a case; the law holds if it does not throw. */
export async function lawResult(name: string, run: () => Promise<void>): Promise<LawResult> {
  try {
    await run()
    return { name }
  } catch (error) {
    return { name, failure: (error as Error).stack ?? String(error) }
  }
}
