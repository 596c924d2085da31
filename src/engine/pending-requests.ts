import { AsyncLocalStorage } from 'node:async_hooks'

const storage = new AsyncLocalStorage<Set<string>>()

/** Starts `action`; `pending` returns its requests that are unanswered: `the vault (get kv-shop)`. */
export function trackRequests<T>(action: () => Promise<T>): { result: Promise<T>; pending(): string } {
  const open = new Set<string>()
  return { result: storage.run(open, action), pending: () => [...open].join(' and ') }
}

/** Lists a request as pending until it is answered. */
export async function duringRequest<T>(name: string, send: () => Promise<T>): Promise<T> {
  const open = storage.getStore()
  open?.add(name)
  try {
    return await send()
  } finally {
    open?.delete(name)
  }
}
