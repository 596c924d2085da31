import type { Plan, PlanItem } from '../engine/plan.ts'
import type { Difference } from '../engine/step.ts'
import type { KnownSettings, Settings, Source } from '../settings/settings.ts'
import { flagOf, settingsTable } from '../settings/table.ts'
import {
  glyphs,
  hangingIndent,
  pad,
  paint,
  pluralize,
  sanitizeLine,
  type TerminalStyle,
  truncateMiddle,
  width,
} from './text.ts'

type Subject = Pick<Settings, 'namespace' | 'serviceAccount'> & Partial<Pick<Settings, 'cluster' | 'context'>>

export const planHeading = ({ namespace, serviceAccount, cluster, context }: Subject): string => {
  const where = context ?? cluster
  return `Plan for ${namespace}/${serviceAccount}${where ? ` on ${where}` : ''}`
}

/**
 * The plan as a picture of the chain, ending in its count line and a newline. `usually` tells how long a step
 * takes, by its id.
 */
export function planText(
  plan: Plan,
  of: { heading: string; look: TerminalStyle; usually?: (id: string) => string | undefined; end?: string },
): string {
  const { look } = of
  const titles = plan.items.flatMap(({ title, changes, details }) => [
    width(title),
    ...changes.map(({ field }) => width(field) + 2),
    ...details.map(([field]) => width(field) + 2),
  ])
  const column = look.columns < 60 ? 11 : 11 + Math.max(22, ...titles.map((each) => each + 2))
  const rows = plan.items.flatMap((item) => rowsOf(item, column, look, of.usually?.(item.id)))
  return `${[paint('strong', sanitizeLine(of.heading), look), '', ...rows, '', `  ${countLine(plan)}${of.end === undefined ? '' : ` ${of.end}`}`].join('\n')}\n`
}

function rowsOf(item: PlanItem, column: number, look: TerminalStyle, usually: string | undefined): string[] {
  const { action, title, label, note, changes, details } = item
  const extra = sanitizeLine(
    [note, action !== 'keep' && usually && `takes ${usually}`].filter(Boolean).join(', '),
  )
  const verb = `  ${pad(action, 9)}`
  const row = rowWithNote(`${verb}${title}`, column, sanitizeLine(label), extra, look)
  if (action === 'keep') return [paint('dim', row, look)]
  return [
    verb.replace(action, paint('accent', action, look)) + row.slice(verb.length),
    ...changes.map((change) => changeRow(change, column, look)),
    ...details.map(([field, value]) => {
      const room = look.columns - Math.max(column, width(fieldHead(field)) + 1)
      return hangingIndent(
        fieldHead(field),
        column,
        truncateMiddle(sanitizeLine(value), room, look),
        look.columns,
      )
    }),
  ]
}

/** The note in the same line if it fits, else in the next. */
function rowWithNote(head: string, column: number, text: string, note: string, look: TerminalStyle): string {
  const line = [text, note].filter(Boolean).join('   ')
  if (!note || Math.max(column, width(head) + 1) + width(line) <= look.columns)
    return hangingIndent(head, column, line, look.columns)
  return [
    hangingIndent(head, column, text, look.columns),
    hangingIndent(' '.repeat(column), column, note, look.columns),
  ].join('\n')
}

const fieldHead = (field: string) => `             ${sanitizeLine(field)}`

/** Is and want beside each other if both fit whole, else one below the other, and never shortened into the same. */
function changeRow({ field, is, want, owner }: Difference, column: number, look: TerminalStyle): string {
  const { arrow } = glyphs(look)
  const [from, to] = [sanitizeLine(is), sanitizeLine(want)]
  const whose = owner === undefined ? '' : `was set by ${sanitizeLine(owner)}`
  const head = fieldHead(field)
  const room = look.columns - Math.max(column, width(head) + 1)
  const line = `${from} ${arrow} ${to}`
  if (width(line) <= room) return rowWithNote(head, column, line, whose, look)
  const below = (text: string) => hangingIndent(' '.repeat(column), column, text, look.columns)
  const short = (text: string) => truncateMiddle(text, room - width(arrow) - 1, look)
  const fit = short(from) === short(to) ? (text: string) => text : short
  return [
    hangingIndent(head, column, fit(from), look.columns),
    below(`${arrow} ${fit(to)}`),
    ...(whose ? [below(whose)] : []),
  ].join('\n')
}

function countLine({ items }: Plan): string {
  const count = (action: PlanItem['action']) => items.filter((item) => item.action === action).length
  if (count('remove'))
    return `${count('remove')} to remove${count('keep') ? `, ${pluralize(count('keep'), 'stays', 'stay')}` : ''}.`
  const parts = (['create', 'change', 'keep'] as const)
    .map((action) => [count(action), action] as const)
    .filter(([n]) => n > 0)
    .map(([n, action]) => `${n} to ${action}`)
  if (count('create') + count('change') === 0) return `${parts.join('') || 'Nothing to keep'}. Nothing to do.`
  return `${parts.join(', ')}. Nothing is deleted.`
}

const origins: Partial<Record<Source, string>> = {
  flag: 'command line',
  asked: 'asked',
  found: 'found in Azure',
  default: 'default',
}

/** Every setting, its value, and where that came from; ends with a newline. */
export function settingsText(known: KnownSettings, look: TerminalStyle): string {
  const rows = settingsTable.map(({ name }) => {
    const entry = known[name]
    return {
      flag: flagOf(name).slice(2),
      value: entry ? sanitizeLine(String(entry.value)) : '',
      from: entry ? (origins[entry.source] ?? sanitizeLine(entry.from)) : 'not set',
      weak: !entry || entry.source === 'default',
    }
  })
  const first = Math.max(...rows.map(({ flag }) => width(flag))) + 2
  const last = Math.max(...rows.map((row) => width(row.from)))
  const room = Math.max(10, look.columns - 2 - first - last - 2)
  const second = Math.min(room, Math.max(...rows.map(({ value }) => width(value))))
  return rows
    .map(({ flag, value, from, weak }) => {
      const line = `  ${pad(flag, first)}${pad(truncateMiddle(value, second, look), second)}  ${from}`
      return `${weak ? paint('dim', line, look) : line}\n`
    })
    .join('')
}
