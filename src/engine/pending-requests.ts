import { AsyncLocalStorage } from 'node:async_hooks'

const pending = new AsyncLocalStorage<Set<string>>()

/** Begins some work, and tells at any time which questions to the services it is waiting for: `the secrets (get kv-shop)`. */
export function trackRequests<T>(work: () => Promise<T>): { answer: Promise<T>; waiting(): string } {
  const open = new Set<string>()
  return { answer: pending.run(open, work), waiting: () => [...open].join(' and ') }
}

/** Names a question while it goes on, for whoever waits for it. */
export async function duringRequest<T>(what: string, ask: () => Promise<T>): Promise<T> {
  const open = pending.getStore()
  open?.add(what)
  try {
    return await ask()
  } finally {
    open?.delete(what)
  }
}
