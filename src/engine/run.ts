import type { Clients } from '../clients/clients.ts'
import type { SettingName, Settings } from '../settings/settings.ts'
import type { EventHandler } from './events.ts'

/** What one run of the program has at hand; steps and checks get it as part of their context. */
export interface Run {
  settings: Settings
  clients: Clients
  signal: AbortSignal
  emit: EventHandler
  secretValue: string | undefined
  /** A command line of ours that can be pasted, with these settings spelled out. */
  command: (word: string, ...names: SettingName[]) => string
  once: <T>(key: string, read: () => Promise<T>) => Promise<T>
  /** Forgets the shared reads, after something was written or time has passed. */
  forgetReads: () => void
  /** ms between two looks at something that is not ready yet: first, and at most. */
  polling: {
    firstDelayMs: number
    maxDelayMs: number
    /** Factor on how long is waited in all; 1 unless given. */
    timeoutFactor?: number
  }
}

/** Reads that are made once and shared until they are forgotten. */
export function makeReadCache(): Pick<Run, 'once' | 'forgetReads'> {
  const reads = new Map<string, Promise<unknown>>()
  return {
    once<T>(key: string, read: () => Promise<T>) {
      let reading = reads.get(key) as Promise<T> | undefined
      if (!reading) {
        reading = read()
        reads.set(key, reading)
        reading.catch(() => reads.delete(key))
      }
      return reading
    },
    forgetReads: () => reads.clear(),
  }
}

export const makeContext = (run: Run, needs: Record<string, unknown>, note: (text: string) => void) =>
  ({
    ...run.clients,
    settings: run.settings,
    signal: run.signal,
    secretValue: run.secretValue,
    once: run.once,
    command: run.command,
    note,
    ...needs,
  }) as never

/** Waits, or throws the signal's reason. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal.addEventListener('abort', stop, { once: true })
  })
}
