import type { RunEvent } from '../engine/events.ts'
import { explain } from '../explain/index.ts'
import type { ProgressView } from './live-view.ts'
import { formatDuration, pluralize, sanitizeLine, type TerminalStyle, toAscii } from './text.ts'

const checkScopes = {
  chain: 'the chain from cluster to secret',
  selected: 'the selected checks',
  caller: 'the requirements of a set-up',
} as const

/** Shows a run without a terminal: one line per event, never redrawn. */
export function makePlainView(stream: { write(text: string): unknown }, look: TerminalStyle): ProgressView {
  const notes = new Map<string, string>()
  const line = (word: string, text: string) =>
    stream.write(`${word.padEnd(9)}${toAscii(sanitizeLine(text), look)}\n`)

  const report = (event: RunEvent): void => {
    switch (event.type) {
      case 'inspecting':
        line('inspect', pluralize(event.steps, 'resource'))
        return
      case 'inspected':
        return
      case 'started': {
        const usually = event.usually === undefined ? '' : ` (usually ${event.usually})`
        line('start', named(event) + usually)
        return
      }
      case 'note':
        if (notes.get(event.id) !== event.text) line('note', `${event.id}: ${event.text}`)
        notes.set(event.id, event.text)
        return
      case 'done':
        line('done', `${named(event)} (${formatDuration(event.ms)})`)
        return
      case 'failed':
        line('failed', `${named(event)}: ${explain(event.error).what} (${formatDuration(event.ms)})`)
        return
      case 'waiting':
        if (![...notes.values()].includes(event.text)) line('wait', event.text)
        notes.set(event.id, event.text)
        return
      case 'waited':
        notes.delete(event.id)
        return
      case 'checking':
        line('check', checkScopes[event.scope ?? 'chain'])
        return
      case 'checked': {
        const { code, title, subject, status, detail } = event.result
        const what = subject === undefined ? title : `${title} (${subject})`
        line(status, `${code}  ${what}${detail && status !== 'pass' ? `: ${detail}` : ''}`)
      }
    }
  }
  return { report, stop: () => {} }
}

const named = ({ title, label }: { title: string; label: string }) => (label ? `${title} ${label}` : title)
