import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kubeconfigOfAll, type SandboxOptions } from '../../sandbox/index.ts'
import { apply } from '../../src/engine/apply.ts'
import { plan } from '../../src/engine/plan.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { newSandbox } from '../support/sandbox.ts'
import { newTestRun } from '../support/test-run.ts'
import type { Request } from './faults.ts'

/** One case of a law; `why` if it did not hold. */
export interface Held {
  /** The step, or what else it is about. */
  about: string
  why?: string
}

export interface Law {
  name: string
  cases(): AsyncGenerator<Held>
}

export const kinds: Record<string, Partial<Settings>> = {
  'app registration, roles, sample': {},
  'managed identity, access policies': { identityKind: 'managed', vaultAccess: 'policy', sample: false },
}

/** A kind of job whose cluster others have made and is reached by a kubeconfig; it does not differ else. */
export const byKubeconfig = 'a cluster of a kubeconfig'

/** The jobs whose requests get the faults of law 4; `its`: only those that the others do not have. */
export const faultKinds: Record<string, { over: Partial<Settings>; its?: (request: Request) => boolean }> = {
  'app registration, roles': { over: { sample: false } },
  'managed identity, access policies': { over: kinds['managed identity, access policies']! },
  // Its container is a process of its own: the dearest part of a run.
  'the sample': {
    over: {},
    its: ({ step, path }) => step === 'sample' || (step === 'proof' && /vault-reader|\/proxy/.test(path)),
  },
  [byKubeconfig]: { over: {}, its: ({ role }) => role === 'kube' || role === 'issuer' },
}

/** A sandbox for the kind of job, and its settings. */
export async function ground(kind: string, options: SandboxOptions = {}) {
  const sandbox = await newSandbox(options)
  if (kind !== byKubeconfig)
    return { sandbox, over: faultKinds[kind]?.over ?? kinds[kind]!, close: () => sandbox.close() }
  const { steps, run } = await newTestRun({ sample: false }, { sandbox })
  const theirs = steps.filter(({ id }) => ['providers', 'resource-group', 'cluster', 'webhook'].includes(id))
  await apply(theirs, await plan(theirs, run), run)
  const folder = mkdtempSync(join(tmpdir(), 'wi-law-'))
  const kubeconfig = join(folder, 'config')
  writeFileSync(kubeconfig, kubeconfigOfAll(sandbox.simulator), { mode: 0o600 })
  const over: Partial<Settings> = { sample: false, kubeconfig, context: 'aks-shop', cluster: undefined }
  return {
    sandbox,
    over,
    async close() {
      await sandbox.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Holds if nothing is thrown. */
export async function holds(about: string, body: () => Promise<void>): Promise<Held> {
  try {
    await body()
    return { about }
  } catch (error) {
    return { about, why: (error as Error).stack ?? String(error) }
  }
}
