import type { Plan, PlanItem } from '../engine/plan.ts'
import type { Difference } from '../engine/step.ts'
import { issuerOf, jobLabel } from '../issuers/index.ts'
import type { IssuerSettings } from '../issuers/issuer.ts'
import type { KnownSettings, Settings, Source } from '../settings/settings.ts'
import { flagOf, settingsTable } from '../settings/table.ts'
import {
  glyphs,
  hangingIndent,
  pad,
  paint,
  sanitizeLine,
  type TerminalStyle,
  toAscii,
  truncateMiddle,
  width,
} from './text.ts'

type Subject = IssuerSettings &
  Pick<Settings, 'namespace' | 'serviceAccount'> &
  Partial<Pick<Settings, 'cluster' | 'context'>>

export function planHeading(settings: Subject, verb: 'Plan for' | 'Deleting' = 'Plan for'): string {
  const job = jobLabel(settings)
  if (job !== undefined) return `${verb} ${job} on ${issuerOf(settings)!.title}`
  const { namespace, serviceAccount, cluster, context } = settings
  const target = context ?? cluster
  return `${verb} ${namespace}/${serviceAccount}${target ? ` on ${target}` : ''}`
}

/** Returns the plan: a row per resource, then the counts. `end` follows the counts. */
export function planText(
  plan: Plan,
  {
    heading,
    look,
    end,
    sources = [],
  }: {
    heading: string
    look: TerminalStyle
    end?: string
    /** Rows between the heading and the resources: label and value. */
    sources?: readonly (readonly [label: string, value: string])[]
  },
): string {
  const titles = plan.items.flatMap(({ title, changes, details }) => [
    width(title),
    ...changes.map(({ field }) => width(field) + 2),
    ...details.map(([field]) => width(field) + 2),
  ])
  const column = look.columns < 60 ? 11 : 11 + Math.max(22, ...titles.map((each) => each + 2))
  const isRemoval = plan.items.some(({ action }) => action === 'remove')
  const words = isRemoval ? { ...actionWords, keep: 'retain' } : actionWords
  const rows = plan.items.flatMap((item) => rowsOf(item, words[item.action], column, look))
  const counts = [countsText(plan), end].filter(Boolean).join(' ')
  const origins = sources.map(([label, value]) =>
    hangingIndent(`  ${label}`, 19, sanitizeLine(value), look.columns),
  )
  return `${[
    paint('strong', sanitizeLine(heading), look),
    ...(origins.length ? ['', ...origins] : []),
    '',
    ...rows,
    '',
    `  ${counts}`,
  ].join('\n')}\n`
}

const actionWords: Record<PlanItem['action'], string> = {
  create: 'create',
  change: 'change',
  keep: 'keep',
  remove: 'delete',
}

function rowsOf(item: PlanItem, word: string, column: number, look: TerminalStyle): string[] {
  const { action, title, label, note, usually, changes, details } = item
  const extra = toAscii(sanitizeLine([note, usually].filter(Boolean).join(', ')), look)
  const verb = `  ${pad(word, 9)}`
  const row = rowWithNote(`${verb}${title}`, column, sanitizeLine(label), extra, look)
  if (action === 'keep') return [paint('dim', row, look)]
  return [
    `  ${paint('accent', word, look)}${verb.slice(2 + word.length)}${row.slice(verb.length)}`,
    ...changes.map((change) => changeRow(change, column, look)),
    ...details.map(([field, value]) => {
      const room = look.columns - Math.max(column, width(fieldHead(field)) + 1)
      return hangingIndent(
        fieldHead(field),
        column,
        truncateMiddle(toAscii(sanitizeLine(value), look), room, look),
        look.columns,
      )
    }),
  ]
}

/** Returns the note on the same line if it fits, else on the next. */
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

/** Returns `is → want` on one line if it fits, else on two, never truncated to the same text. */
function changeRow({ field, is, want, owner }: Difference, column: number, look: TerminalStyle): string {
  const { arrow } = glyphs(look)
  const [from, to] = [is, want].map((value) => toAscii(sanitizeLine(value), look)) as [string, string]
  const ownerNote = owner === undefined ? '' : `set by ${sanitizeLine(owner)}`
  const head = fieldHead(field)
  const room = look.columns - Math.max(column, width(head) + 1)
  const line = `${from} ${arrow} ${to}`
  if (width(line) <= room) return rowWithNote(head, column, line, ownerNote, look)
  const below = (text: string) => hangingIndent(' '.repeat(column), column, text, look.columns)
  const short = (text: string) => truncateMiddle(text, room - width(arrow) - 1, look)
  const fit = short(from) === short(to) ? (text: string) => text : short
  return [
    hangingIndent(head, column, fit(from), look.columns),
    below(`${arrow} ${fit(to)}`),
    ...(ownerNote ? [below(ownerNote)] : []),
  ].join('\n')
}

/** Returns `5 to create, 2 to change, 2 unchanged. Nothing is deleted.` */
function countsText({ items }: Plan): string {
  const count = (action: PlanItem['action']) => items.filter((item) => item.action === action).length
  const [create, change, keep, remove] = [count('create'), count('change'), count('keep'), count('remove')]
  const list = (...parts: (string | 0)[]) => `${parts.filter(Boolean).join(', ')}.`
  if (remove) return list(`${remove} to delete`, keep && `${keep} retained`)
  if (create + change === 0) return keep ? `${keep} unchanged. Nothing to do.` : 'Nothing to do.'
  const counts = list(
    create && `${create} to create`,
    change && `${change} to change`,
    keep && `${keep} unchanged`,
  )
  return `${counts} Nothing is deleted.`
}

const origins: Partial<Record<Source, string>> = {
  flag: 'command line',
  asked: 'prompt',
  found: 'found in Azure',
  default: 'default',
}

/** Returns every setting with its value and its origin. */
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
