import ora, { spinners } from 'ora'
import type { EventHandler, RunEvent } from '../engine/events.ts'
import { explain } from '../explain/index.ts'
import {
  formatDuration,
  formatElapsed,
  glyphs,
  hangingIndent,
  pad,
  paint,
  pluralize,
  sanitizeLine,
  type TerminalStyle,
  toAscii,
  truncate,
  width,
} from './text.ts'

export interface ProgressView {
  report: EventHandler
  /** Takes the live lines away; to be called before anything else is written or asked. */
  stop(): void
}

interface Row {
  title: string
  label: string
  usually: string | undefined
  note: string | undefined
  began: number
}

const titleWidth = 22

/** `  ✓ resource group        rg-shop                    0.2 s`, the right end one column before the edge. */
function statusLine(of: {
  sign: string
  title: string
  label: string
  right: string
  look: TerminalStyle
}): string {
  const { look, right } = of
  const edge = look.columns - 1
  const title = sanitizeLine(of.title)
  const left = look.columns < 60 ? `${title}  ` : pad(title, titleWidth - 1).concat(' ')
  const room = edge - 4 - width(left) - (right ? width(right) + 2 : 0)
  const label = room > 0 ? truncate(sanitizeLine(of.label), room, look) : ''
  return `  ${of.sign} ${pad(`${left}${label}`, edge - 4 - width(right))}${paint('dim', right, look)}`.trimEnd()
}

/**
 * Shows a run on a terminal: what is done as lines that stay, what runs as live lines below them. `now` in ms, for the
 * elapsed times.
 */
export function makeLiveView(
  stream: NodeJS.WriteStream,
  of: TerminalStyle & { now?: () => number },
): ProgressView {
  const now = of.now ?? (() => performance.now())
  const look = (): TerminalStyle => ({ ...of, columns: stream.columns || of.columns })
  const { frames, interval } = of.unicode ? spinners.dots : spinners.line
  const rows = new Map<string, Row>()
  let inspecting: { note: string | undefined } | undefined
  let checks: { passed: number; failed: number; skipped: number } | undefined

  const frame = () => paint('accent', frames[Math.floor(now() / (interval ?? 80)) % frames.length]!, of)
  const live = ({ title, label, usually, note, began }: Row): string => {
    const time = formatElapsed(now() - began)
    const right = usually === undefined ? time : `${time}, usually ${usually}`
    const fits = look().columns - 6 - titleWidth - width(right) >= Math.min(width(label), 12)
    const line = statusLine({ sign: frame(), title, label, right: fits ? right : time, look: look() })
    return note === undefined ? line : `${line}\n${noteLines(note)}`
  }
  const noteLines = (note: string) => {
    const { columns } = look()
    const indent = columns < 60 ? 4 : 4 + titleWidth
    return hangingIndent('', indent, toAscii(sanitizeLine(note), of), columns - 1)
      .split('\n')
      .map((line) => paint('dim', line, of))
      .join('\n')
  }
  const block = (): string => {
    const lines = [...rows.values()].map(live)
    if (inspecting) {
      const line = `  ${frame()} looking at what is there`
      lines.push(inspecting.note === undefined ? line : `${line}\n${noteLines(inspecting.note)}`)
    }
    if (checks) {
      const { passed, failed, skipped } = checks
      const counts = [
        pluralize(passed, 'passed', 'passed'),
        failed && `${failed} failed`,
        skipped && `${skipped} skipped`,
      ].filter(Boolean)
      lines.push(
        statusLine({ sign: frame(), title: 'checks', label: counts.join(', '), right: '', look: look() }),
      )
    }
    return lines.join('\n')
  }
  // The whole block comes as suffix, which is asked for at each frame; it stands behind the two blanks of an empty
  // spinner, the indent of our lines.
  const redraw = ora({
    stream,
    isEnabled: true,
    discardStdin: false,
    color: false,
    spinner: { frames: [''], interval: interval ?? 80 },
    suffixText: () => block().slice(2),
  })

  const print = (line: string) => {
    if (redraw.isSpinning && rows.size === 0 && !inspecting && !checks) redraw.stop()
    stream.write(`${line}\n`)
  }
  const stop = () => {
    rows.clear()
    inspecting = undefined
    checks = undefined
    if (redraw.isSpinning) redraw.stop()
  }

  const handle = (event: RunEvent): void => {
    switch (event.type) {
      case 'inspecting':
        inspecting = { note: undefined }
        break
      case 'planned':
        stop()
        return
      case 'started': {
        const { id, title, label, usually } = event
        rows.set(id, { title, label, usually, note: undefined, began: now() })
        break
      }
      case 'note': {
        const row = rows.get(event.id)
        if (row) row.note = event.text
        else if (inspecting) inspecting.note = event.text
        return
      }
      case 'done': {
        rows.delete(event.id)
        const sign = paint('accent', glyphs(of).done, of)
        print(statusLine({ ...event, sign, right: formatDuration(event.ms), look: look() }))
        return
      }
      case 'failed': {
        rows.delete(event.id)
        const sign = paint('broken', glyphs(of).broken, of)
        const { code } = explain(event.error)
        const label = /^(Refused|Unexpected)$/.test(code) ? event.label : `${event.label}   ${code}`
        print(statusLine({ ...event, label, sign, right: formatDuration(event.ms), look: look() }))
        return
      }
      case 'checking':
        checks = { passed: 0, failed: 0, skipped: 0 }
        break
      case 'checked': {
        const { status } = event.result
        if (checks) checks[status === 'fail' ? 'failed' : status === 'skip' ? 'skipped' : 'passed']++
        return
      }
    }
    if (!redraw.isSpinning) redraw.start()
  }
  return { report: handle, stop }
}
