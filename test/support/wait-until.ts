import { setTimeout as delay } from 'node:timers/promises'

/** Time in ms that a condition gets by default: several times what a busy machine needs. */
const defaultLimit = 30_000

/** Waits until the condition is met; fails with what was waited for, if that takes longer than `limitMs`. */
export async function waitUntil(
  isMet: () => unknown,
  what: string,
  { limitMs = defaultLimit, pollMs = 20 }: { limitMs?: number; pollMs?: number } = {},
): Promise<void> {
  const deadline = performance.now() + limitMs
  while (!(await isMet())) {
    if (performance.now() > deadline) throw new Error(`Waited ${limitMs} ms for ${what}`)
    await delay(pollMs)
  }
}
