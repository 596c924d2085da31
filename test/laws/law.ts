import type { Settings } from '../../src/settings/settings.ts'

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

/** Holds if nothing is thrown. */
export async function holds(about: string, body: () => Promise<void>): Promise<Held> {
  try {
    await body()
    return { about }
  } catch (error) {
    return { about, why: (error as Error).stack ?? String(error) }
  }
}
