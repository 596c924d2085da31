import type { RunEvent } from '../engine/events.ts'
import { sanitizeLine } from '../ui/text.ts'

/** What a run is at work on, for the moment when its time is over. */
export interface AtWork {
  hear(event: RunEvent): void
  /** `cluster aks-shop (waiting until Azure is done with it), vault kv-shop`. */
  text(): string
}

export function makeAtWork(): AtWork {
  const steps = new Map<string, { name: string; note?: string }>()
  let checking = false
  let last: string | undefined
  return {
    hear(event) {
      switch (event.type) {
        case 'started':
          steps.set(event.id, { name: `${event.title} ${event.label}`.trim() })
          break
        case 'note':
          // While the plan is made no step has started.
          steps.set(event.id, { name: steps.get(event.id)?.name ?? event.id, note: event.text })
          break
        case 'planned':
          steps.clear()
          break
        case 'done':
        case 'failed':
          steps.delete(event.id)
          break
        case 'checking':
          steps.clear()
          checking = true
          break
        case 'checked':
          last = `${event.result.code} ${event.result.title}`
          break
      }
    },
    text() {
      if (checking) return last ? `the proof, last ${last}` : 'the proof'
      const all = [...steps.values()].map(({ name, note }) =>
        note ? `${name} (${sanitizeLine(note)})` : name,
      )
      return all.length ? all.join(', ') : 'looking at what there is'
    },
  }
}
