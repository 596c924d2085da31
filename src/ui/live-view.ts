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

/** Shows the progress of a run. */
export interface ProgressView {
  report: EventHandler
  /** Removes the live lines. Call it before anything else is written or asked. */
  stop(): void
}

interface Step {
  title: string
  label: string
  usually: string | undefined
  note: string | undefined
  began: number
}

/** What the live lines show. */
interface Progress {
  steps: Map<string, Step>
  inspecting?: { total: number; done: number; notes: Map<string, string> } | undefined
  /** What is waited for, by the check or `session`. */
  waiting: Map<string, string>
  checks?: { passed: number; failed: number; skipped: number } | undefined
}

const titleWidth = 22

/** Codes of our own errors, which say nothing next to a label; services' codes do. */
const ownCodes = ['Refused', 'Unexpected']

/** Returns `  ✓ resource group        rg-shop                    0.2 s`; the right end is one column before the edge. */
function statusLine(line: {
  sign: string
  title: string
  label: string
  right: string
  look: TerminalStyle
}): string {
  const { look, right } = line
  const edge = look.columns - 1
  const title = sanitizeLine(line.title)
  const left = look.columns < 60 ? `${title}  ` : pad(title, titleWidth - 1).concat(' ')
  const room = edge - 4 - width(left) - (right ? width(right) + 2 : 0)
  const label = room > 0 ? truncate(sanitizeLine(line.label), room, look) : ''
  return `  ${line.sign} ${pad(`${left}${label}`, edge - 4 - width(right))}${paint('dim', right, look)}`.trimEnd()
}

/** Returns a note below a live line. */
function noteLines(note: string, look: TerminalStyle): string {
  const indent = look.columns < 60 ? 4 : 4 + titleWidth
  return hangingIndent('', indent, toAscii(sanitizeLine(note), look), look.columns - 1)
    .split('\n')
    .map((line) => paint('dim', line, look))
    .join('\n')
}

function stepLine(
  { title, label, usually, note, began }: Step,
  sign: string,
  now: number,
  look: TerminalStyle,
) {
  const time = formatElapsed(now - began)
  const right = usually === undefined ? time : `${time}, usually ${usually}`
  const fits = look.columns - 6 - titleWidth - width(right) >= Math.min(width(label), 12)
  const line = statusLine({ sign, title, label, right: fits ? right : time, look })
  return note === undefined ? line : `${line}\n${noteLines(note, look)}`
}

/** Returns the live lines: running steps, the progress of planning, the counts of checks. */
function liveBlock(
  { steps, inspecting, checks, waiting }: Progress,
  sign: string,
  now: number,
  look: TerminalStyle,
) {
  const lines = [...steps.values()].map((step) => stepLine(step, sign, now, look))
  if (inspecting) {
    const { total, done, notes } = inspecting
    lines.push(
      [
        toAscii(`  ${sign} Inspecting ${pluralize(total, 'resource')}… ${done} done`, look),
        ...[...notes.values()].map((note) => noteLines(note, look)),
      ].join('\n'),
    )
  }
  if (checks) {
    const { passed, failed, skipped } = checks
    const counts = [`${passed} passed`, failed && `${failed} failed`, skipped && `${skipped} skipped`]
    const label = counts.filter(Boolean).join(', ')
    lines.push(statusLine({ sign, title: 'checks', label, right: '', look }))
  }
  for (const text of new Set(waiting.values()))
    lines.push(hangingIndent(`  ${sign} `, 4, toAscii(sanitizeLine(text), look), look.columns - 1))
  return lines.join('\n')
}

/** Updates the progress, and returns the line to leave on the screen, if any. */
function update(progress: Progress, event: RunEvent, now: number, look: TerminalStyle): string | undefined {
  const { steps, inspecting, checks } = progress
  switch (event.type) {
    case 'inspecting':
      progress.inspecting = { total: event.steps, done: 0, notes: new Map() }
      return undefined
    case 'inspected':
      if (!inspecting) return undefined
      inspecting.notes.delete(event.id)
      if (++inspecting.done >= inspecting.total) progress.inspecting = undefined
      return undefined
    case 'started':
      steps.set(event.id, { ...event, note: undefined, began: now })
      return undefined
    case 'note': {
      const step = steps.get(event.id)
      if (step) step.note = event.text
      else inspecting?.notes.set(event.id, event.text)
      return undefined
    }
    case 'done':
      steps.delete(event.id)
      return statusLine({
        ...event,
        sign: paint('accent', glyphs(look).done, look),
        right: formatDuration(event.ms),
        look,
      })
    case 'failed': {
      steps.delete(event.id)
      const { code } = explain(event.error)
      return statusLine({
        ...event,
        label: ownCodes.includes(code) ? event.label : `${event.label}   ${code}`,
        sign: paint('broken', glyphs(look).broken, look),
        right: formatDuration(event.ms),
        look,
      })
    }
    case 'checking':
      progress.checks = { passed: 0, failed: 0, skipped: 0 }
      return undefined
    case 'waiting':
      progress.waiting.set(event.id, event.text)
      return undefined
    case 'waited':
      progress.waiting.delete(event.id)
      return undefined
    case 'checked': {
      progress.waiting.delete(event.result.code)
      const { status } = event.result
      if (checks) checks[status === 'fail' ? 'failed' : status === 'skip' ? 'skipped' : 'passed']++
      return undefined
    }
  }
}

/** Shows a run on a terminal: finished steps as lines that stay, running ones as live lines below. `now` is in ms. */
export function makeLiveView(
  stream: NodeJS.WriteStream,
  { now = () => performance.now(), ...style }: TerminalStyle & { now?: () => number },
): ProgressView {
  const look = (): TerminalStyle => ({ ...style, columns: stream.columns || style.columns })
  const { frames, interval } = style.unicode ? spinners.dots : spinners.line
  const progress: Progress = { steps: new Map(), waiting: new Map() }
  const isEmpty = () =>
    progress.steps.size === 0 && !progress.inspecting && !progress.checks && !progress.waiting.size
  const sign = () => paint('accent', frames[Math.floor(now() / interval) % frames.length]!, style)
  // The block is ora's suffix, which is evaluated at each frame; the two blanks of the empty spinner are its indent.
  const redraw = ora({
    stream,
    isEnabled: true,
    discardStdin: false,
    color: false,
    spinner: { frames: [''], interval },
    suffixText: () => liveBlock(progress, sign(), now(), look()).slice(2),
  })
  return {
    report(event) {
      const line = update(progress, event, now(), look())
      if (isEmpty()) {
        if (redraw.isSpinning) redraw.stop()
      } else if (!redraw.isSpinning && line === undefined) redraw.start()
      if (line !== undefined) stream.write(`${line}\n`)
    },
    stop() {
      progress.steps.clear()
      progress.waiting.clear()
      progress.inspecting = undefined
      progress.checks = undefined
      if (redraw.isSpinning) redraw.stop()
    },
  }
}
