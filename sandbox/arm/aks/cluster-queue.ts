import type { Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import type { ArmRequest } from '../request.ts'

/** The last PUT that is being served, by cluster. */
const queues = new WeakMap<Simulator, Map<string, Promise<unknown>>>()

/**
 * Serves the PUTs of a cluster one after another. Generating keys takes a moment, so that a second PUT must wait to see
 * the operation of the first.
 */
export async function inTurn({ simulator, id }: ArmRequest, run: () => Promise<Reply>): Promise<Reply> {
  const queue = queues.get(simulator) ?? new Map<string, Promise<unknown>>()
  queues.set(simulator, queue)
  const key = id.toLowerCase()
  const result = (queue.get(key) ?? Promise.resolve()).then(run)
  const done = result.catch(() => {})
  queue.set(key, done)
  try {
    return await result
  } finally {
    if (queue.get(key) === done) queue.delete(key)
  }
}
