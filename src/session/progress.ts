import type { RunEvent } from '../engine/events.ts'
import { sanitizeLine } from '../ui/text.ts'

/** Follows a run's events, to report what was running at the timeout. */
export interface Progress {
  observe(event: RunEvent): void
  /** Returns `cluster aks-shop (waiting for Azure), vault kv-shop`. */
  text(): string
}

export function makeProgress(): Progress {
  const steps = new Map<string, { name: string; note?: string }>()
  let checking = false
  let lastCheck: string | undefined
  const waiting = new Map<string, string>()
  return {
    observe(event) {
      switch (event.type) {
        case 'started':
          steps.set(event.id, { name: `${event.title} ${event.label}`.trim() })
          break
        case 'note':
          // A step that is being inspected has notes but no start event.
          steps.set(event.id, { name: steps.get(event.id)?.name ?? event.id, note: event.text })
          break
        case 'inspected':
          steps.delete(event.id)
          break
        case 'done':
        case 'failed':
          steps.delete(event.id)
          break
        case 'checking':
          steps.clear()
          checking = true
          break
        case 'waiting':
          waiting.set(event.id, event.text)
          break
        case 'waited':
          waiting.delete(event.id)
          break
        case 'checked':
          waiting.delete(event.result.code)
          lastCheck = `${event.result.code} ${event.result.title}`
          break
      }
    },
    text() {
      if (waiting.size) return [...new Set(waiting.values())].map(sanitizeLine).join(', ')
      if (checking) return lastCheck ? `checks, last ${lastCheck}` : 'checks'
      const running = [...steps.values()].map(({ name, note }) =>
        note ? `${name} (${sanitizeLine(note)})` : name,
      )
      return running.length ? running.join(', ') : 'inspecting existing resources'
    },
  }
}
