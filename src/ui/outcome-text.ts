import { stripControlCharacters } from '../base/control-characters.ts'
import { areCallerChecks, type CheckResult } from '../engine/check-result.ts'
import type { StepResult } from '../engine/step-result.ts'
import { type Explained, explain } from '../explain/index.ts'
import type { Settings } from '../settings/settings.ts'
import { chainText } from './chain-text.ts'
import { checkText, labeledText, warningTexts } from './check-text.ts'
import {
  glyphs,
  hangingIndent,
  paint,
  pluralize,
  sanitizeLine,
  type TerminalStyle,
  toAscii,
  width,
  wrap,
} from './text.ts'

/*
 * The last screens. Each is a pure function; its text ends with a newline.
 */

const screen = (...lines: string[]): string => `${lines.join('\n')}\n`

/** A command line of ours, by its word: `verify` → `npx wi-setup verify --sandbox`. */
export type MakeCommand = (word: string) => string

type Workload = Pick<Settings, 'namespace' | 'serviceAccount' | 'vault' | 'secret'>

const listed = (items: readonly StepResult[]) => items.map(({ item }) => item.title).join(', ')

/** All is there and proven: what was made, and what to do next. */
export function successText(of: {
  settings: Workload
  checks: readonly CheckResult[]
  applied?: readonly StepResult[]
  /** Commands that read the secret through the sample, one below the other. */
  see: readonly string[]
  command: MakeCommand
  look: TerminalStyle
}): string {
  const { settings, look, command } = of
  const row = (label: string, text: string) => labeledText(label, text, look, 2, 14)
  const done = (of.applied ?? []).filter(({ outcome }) => outcome === 'done')
  const made = done.filter(({ item }) => item.action === 'create')
  const changed = done.filter(({ item }) => item.action === 'change')
  return screen(
    headline(settings, 'got', of.checks, look),
    ...warnings(of.checks, look),
    '',
    ...(made.length ? [paint('dim', row('Made:', listed(made)), look)] : []),
    ...(changed.length ? [paint('dim', row('Changed:', listed(changed)), look)] : []),
    ...(done.length && !made.length && !changed.length
      ? [paint('dim', '  Everything was there already; nothing was changed.', look)]
      : []),
    ...(done.length ? [''] : []),
    '  Use it in your pod template:',
    '      metadata: { labels: { azure.workload.identity/use: "true" } }',
    `      spec:     { serviceAccountName: ${settings.serviceAccount} }`,
    ...of.see.map((command, index) => row(index === 0 ? 'See it:' : '', command)),
    row('Check again:', command('verify')),
    row('Take back:', command('destroy')),
  )
}

/** `destroy` went through: what is gone, and what stays and why. */
export function destroyedText(of: { removed: readonly StepResult[]; look: TerminalStyle }): string {
  const { removed, look } = of
  const gone = removed.filter(({ item }) => item.action === 'remove')
  const stays = removed.filter(({ item }) => item.action !== 'remove')
  return screen(
    ...(gone.length
      ? [sentence('done', `Taken back: ${listed(gone)}.`, look)]
      : ['  Nothing is left to take back.']),
    ...stays.map(({ item }) =>
      paint(
        'dim',
        hangingIndent('  Stays:', 10, sanitizeLine(`${named(item)}: ${item.note ?? ''}`), look.columns),
        look,
      ),
    ),
  )
}

/** `verify` found nothing broken. */
export function healthyText(of: {
  settings: Workload
  checks: readonly CheckResult[]
  look: TerminalStyle
}): string {
  const { settings, checks, look } = of
  if (areCallerChecks(checks))
    return screen(
      sentence('done', `Nothing stands in the way of a set-up.   ${pluralize(checks.length, 'check')}`, look),
      ...warnings(checks, look),
    )
  const proven = checks.some(({ code, status }) => code === 'WI508' && status === 'pass')
  const passed = checks.filter(({ status }) => status !== 'skip').length
  const head = proven
    ? headline(settings, 'gets', checks, look)
    : // Some of the checks alone prove nothing but themselves.
      sentence('done', `${pluralize(passed, 'check')} made, none failed.`, look)
  // A part of it proves no chain.
  const drawn = proven ? ['', chainText(checks, look)] : []
  return screen(head, ...warnings(checks, look), ...drawn, ...unseen(checks, look))
}

/** Lists the checks that could not run: they did not pass. */
const unseen = (checks: readonly CheckResult[], look: TerminalStyle): string[] =>
  checks
    .filter((check) => check.couldNotRun)
    .map(({ code, detail }) =>
      paint('dim', hangingIndent(`  ${code}`, 9, sanitizeLine(detail), look.columns), look),
    )

function headline(
  settings: Workload,
  verb: string,
  checks: readonly CheckResult[],
  look: TerminalStyle,
): string {
  const { serviceAccount, vault, secret } = settings
  const proven = sanitizeLine(`${serviceAccount} ${verb} ${secret} from ${vault} with its own token.`)
  const passed = checks.filter(({ status }) => status === 'pass' || status === 'warn').length
  const count = pluralize(passed, 'check')
  const apart = width(proven) + 7 + width(count) > look.columns ? '\n' : '   '
  return sentence('done', proven + (passed ? apart + count : ''), look)
}

const warnings = (checks: readonly CheckResult[], look: TerminalStyle): string[] =>
  warningTexts(
    checks.filter(({ status }) => status === 'warn'),
    look,
  ).flatMap((text) => ['', text])

/** `verify` found something broken: the cause first, then where in the chain, then the counts. */
export function unhealthyText(of: { checks: readonly CheckResult[]; look: TerminalStyle }): string {
  const { checks, look } = of
  const weight = ({ code }: CheckResult) => checks.filter(({ because }) => because === code).length
  const failed = checks.filter(({ status }) => status === 'fail').toSorted((a, b) => weight(b) - weight(a))
  const warned = checks.filter(({ status }) => status === 'warn')
  const skipped = checks.filter(({ status }) => status === 'skip')
  const because = [...new Set(skipped.flatMap((check) => check.because ?? []))].join(', ')
  const counts = [
    `${checks.filter(({ status }) => status === 'pass').length} passed`,
    warned.length && pluralize(warned.length, 'warning'),
    `${failed.length} failed`,
    skipped.length && `${skipped.length} skipped${because ? ` because of ${because}` : ''}`,
  ].filter(Boolean)
  const traces = failed.flatMap(({ trace }) => (trace ? [`trace ${sanitizeLine(trace)}`] : []))
  const line = `  ${counts.join(', ')}`
  const fits = traces.length === 1 && width(line) + 6 + width(traces[0]!) <= look.columns
  return screen(
    ...[...failed.map((check) => checkText(check, look)), ...warningTexts(warned, look)].map(
      (text) => `${text}\n`,
    ),
    ...(areCallerChecks(checks) ? [] : [chainText(checks, look)]),
    fits ? `${line}      ${paint('dim', traces[0]!, look)}` : hangingIndent('', 2, line.trim(), look.columns),
    ...unseen(checks, look),
    ...(fits ? [] : traces.map((trace) => paint('dim', `  ${trace}`, look))),
  )
}

/** Why, mend, then the original and the request id in grey. */
function reasons({ code, why, remedy, original, trace }: Explained, look: TerminalStyle): string {
  const line = (label: string, text: string) => labeledText(label, text, look, 4, 7)
  const said = original === undefined ? '' : `${code}: ${sanitizeLine(original)}`
  const grey = [said, trace ? `request ${sanitizeLine(trace)}` : '']
    .filter(Boolean)
    .flatMap((text) => wrap(text, look.columns - 4))
    .map((text) => paint('dim', `    ${text}`, look))
  return [
    ...why.map((each, index) => line(index === 0 ? 'Why:' : '', each)),
    ...(remedy ? [line('Mend:', remedy)] : []),
    ...(grey.length ? ['', ...grey] : []),
  ].join('\n')
}

/** Something failed before or beside the steps. */
export function failureText(explained: Explained, look: TerminalStyle): string {
  return screen(sentence('broken', explained.what, look), reasons(explained, look))
}

const sentence = (sign: 'broken' | 'done', text: string, look: TerminalStyle): string => {
  const head = `  ${paint(sign === 'broken' ? 'broken' : 'accent', glyphs(look)[sign], look)} `
  return hangingIndent(head, 4, toAscii(stripControlCharacters(text), look), look.columns)
}

const verbs = {
  create: 'was not made',
  change: 'was not changed',
  keep: 'is not ready',
  remove: 'was not removed',
} as const

/** Steps failed: each with its reasons, then how far the rest has come. `again` is the command line as typed. */
export function failedStepsText(of: {
  applied: readonly StepResult[]
  again: string
  look: TerminalStyle
}): string {
  const { applied, look } = of
  const skipped = applied.filter(({ outcome }) => outcome === 'skipped')
  return screen(
    ...applied
      .filter(({ outcome }) => outcome === 'failed')
      .flatMap(({ item, error }) => {
        const explained = explain(error)
        const what = hangingIndent('', 4, toAscii(stripControlCharacters(explained.what), look), look.columns)
        return [
          sentence('broken', `${named(item)} ${verbs[item.action]}`, look),
          what,
          reasons(explained, look),
          '',
        ]
      }),
    ...doneRow(applied, look, ''),
    ...(skipped.length ? [row('Not begun because of it:', `${listed(skipped)}.`, look)] : []),
    again('The same command goes on from here:', of.again, look),
  )
}

const named = ({ title, label }: StepResult['item']) => sanitizeLine(`${title} ${label}`)

const row = (label: string, text: string, look: TerminalStyle) =>
  hangingIndent(`  ${label}`, 3 + label.length, text, look.columns)

const doneRow = (applied: readonly StepResult[], look: TerminalStyle, before: string): string[] => {
  const done = applied.filter(({ outcome, item }) => outcome === 'done' && item.action !== 'keep')
  return done.length ? [row(`${before}Done:`, `${listed(done)}.`, look)] : []
}

const again = (label: string, command: string, look: TerminalStyle) =>
  `  ${label}  ${paint('accent', command, look)}`

/**
 * Ctrl-C, or `why` else it stopped: what is done, what Azure may go on with by itself, and that the same command goes on.
 */
export function interruptedText(of: {
  applied: readonly StepResult[]
  again: string
  look: TerminalStyle
  why?: string | undefined
}): string {
  const { applied, look, why } = of
  const atWork = applied.filter(({ outcome, started }) => outcome === 'stopped' && started)
  const before = why === undefined ? 'Stopped. ' : ''
  const done = doneRow(applied, look, before)
  const nothing = atWork.length ? before.trim() : `${before}Nothing has been changed.`
  return screen(
    ...(why === undefined ? [] : [sentence('broken', why, look)]),
    ...(done.length ? done : nothing ? [`  ${nothing}`] : []),
    ...(atWork.length
      ? [row('Azure may still be at work on:', `${atWork.map(({ item }) => named(item)).join(', ')}.`, look)]
      : []),
    again('The same command goes on from here:', of.again, look),
  )
}

const bare: TerminalStyle = { columns: 80, color: false, unicode: true }

/** `wi-setup: …` for each fault; what belongs to it stands indented below, and is broken at blanks on a narrow terminal. */
export function usageText(message: string, columns = Number.POSITIVE_INFINITY): string {
  const lines = toAscii(stripControlCharacters(message.trimEnd()), bare)
    .split('\n')
    .flatMap((line) => {
      if (line.startsWith('  npx ') || width(line) <= columns) return line
      return line.startsWith(' ') ? wrap(line.trim(), columns - 2).map((each) => `  ${each}`) : line
    })
    .map((line, index) => {
      if (!line || line.startsWith(' ')) return line
      return index > 0 && line.startsWith('npx ') ? `  ${line}` : `wi-setup: ${line}`
    })
  return screen(...lines)
}

/** A fault of our own. `stack`: with the places in the program. */
export function unexpectedText(error: Error, stack: boolean, look: TerminalStyle = bare): string {
  const { what, remedy } = explain(error)
  const place = stack && error.stack ? error.stack.split('\n').slice(1) : []
  return screen(
    `wi-setup: ${toAscii(sanitizeLine(what), look)}`,
    ...place.map((line) => stripControlCharacters(line)),
    ...(stack ? [] : [`  ${remedy}`]),
  )
}
