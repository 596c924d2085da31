import type { Remedy, Script } from '../base/command.ts'
import type { Clients } from '../clients/clients.ts'
import type { SettingName, Settings } from '../settings/settings.ts'
import type { EventHandler } from './events.ts'
import type { ReadCache } from './read-cache.ts'

/** One run of the program; steps and checks get parts of it as their context. */
export interface Run extends ReadCache {
  settings: Settings
  clients: Clients
  signal: AbortSignal
  emit: EventHandler
  secretValue: string | undefined
  /** Returns a wi-setup command with these settings as flags. */
  command: (name: string, ...settings: SettingName[]) => Script
  /** Returns the text of a remedy, which names the cluster and the subscription. */
  print: (remedy: Remedy) => string
  polling: Polling
}

/** The delay between two reads of something that is not ready yet: it grows from the first to the maximum. */
export interface Polling {
  firstDelayMs: number
  maxDelayMs: number
  /** Factor on every time limit of waiting; 1 if left out. */
  timeoutFactor?: number
}

// biome-ignore lint/suspicious/noExplicitAny: fits the context of any step or check; needs are added by name
export const makeContext = (run: Run, needs: Record<string, unknown>, note: (text: string) => void): any => ({
  ...run.clients,
  settings: run.settings,
  signal: run.signal,
  secretValue: run.secretValue,
  once: run.once,
  command: run.command,
  print: run.print,
  note,
  ...needs,
})
