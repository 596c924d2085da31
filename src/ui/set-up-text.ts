import type { Remedy, Script } from '../base/command.ts'
import { stripControlCharacters } from '../base/control-characters.ts'
import type { CheckResult } from '../engine/check-result.ts'
import type { StepResult } from '../engine/step-result.ts'
import { explain } from '../explain/index.ts'
import { commandText, labeledText } from './check-text.ts'
import { reasonsText, screen, statusText, warningLines } from './screen-parts.ts'
import { hangingIndent, paint, sanitizeLine, type TerminalStyle, toAscii } from './text.ts'
import { healthyHeadline, outsideLines, type WorkloadSettings } from './verify-text.ts'

/** Returns a command of this program by its name. */
export type MakeCommand = (name: string) => Script

const titles = (results: readonly StepResult[]) => results.map(({ item }) => item.title).join(', ')

/** Returns the end of a successful set-up: the proof, what was created, and what to do next. */
export function successText(result: {
  settings: WorkloadSettings
  checks: readonly CheckResult[]
  applied?: readonly StepResult[]
  /** Commands that read the secret through the sample. */
  see: readonly Script[]
  command: MakeCommand
  /** For a job outside a cluster: what to paste into its definition. */
  snippet?: string | undefined
  look: TerminalStyle
}): string {
  const { settings, checks, look, command } = result
  const labelWidth = 19
  const row = (label: string, text: Remedy) => labeledText(label, text, look, 2, labelWidth)
  const done = (result.applied ?? []).filter(({ outcome }) => outcome === 'done')
  const created = done.filter(({ item }) => item.action === 'create')
  const changed = done.filter(({ item }) => item.action === 'change')
  const [label, account] = [
    'azure.workload.identity/use: "true"',
    `serviceAccountName: ${settings.serviceAccount}`,
  ]
  return screen(
    healthyHeadline(settings, 'read', checks, look),
    ...warningLines(checks, look),
    ...outsideLines(checks, look),
    '',
    ...(created.length ? [paint('dim', row('Created:', titles(created)), look)] : []),
    ...(changed.length ? [paint('dim', row('Changed:', titles(changed)), look)] : []),
    ...(done.length && !created.length && !changed.length
      ? [paint('dim', '  Everything already existed; nothing was changed.', look)]
      : []),
    ...(done.length ? [''] : []),
    ...(result.snippet === undefined
      ? [
          '  In your pod template:',
          `      metadata: { labels: { ${label} } }`,
          `      spec:     { ${account} }`,
        ]
      : [
          '  In your job:',
          ...result.snippet.split('\n').map((line) => `      ${stripControlCharacters(line)}`),
          '',
        ]),
    ...result.see.map((each, index) => row(index === 0 ? 'Try it:' : '', each)),
    row('Check again:', command('verify')),
    row('Remove everything:', command('destroy')),
  )
}

/** Returns the end of one part of a set-up. `prove`: the command that checks the chain, if the part can complete it. */
export function partDoneText({
  changed,
  prove,
  look,
}: {
  changed: boolean
  prove: Script | undefined
  look: TerminalStyle
}): string {
  return screen(
    changed ? '  Done.' : '  Everything is up to date; nothing was changed.',
    ...(prove ? ['', labeledText('To prove it:', prove, look, 2, 14)] : []),
  )
}

/** Returns the end of a successful `destroy`: what was deleted, and what was retained and why. */
export function destroyedText({
  removed,
  look,
}: {
  removed: readonly StepResult[]
  look: TerminalStyle
}): string {
  const deleted = removed.filter(({ item }) => item.action === 'remove')
  const retained = removed.filter(({ item }) => item.action !== 'remove')
  return screen(
    deleted.length ? statusText('done', `Deleted: ${titles(deleted)}.`, look) : '  Nothing to delete.',
    ...retained.map(({ item }) => {
      const text = sanitizeLine(`${nameOf(item)}: ${item.note ?? ''}`)
      return paint('dim', hangingIndent('  Retained:', 13, text, look.columns), look)
    }),
  )
}

const failures = {
  create: 'was not created',
  change: 'was not changed',
  keep: 'is not ready',
  remove: 'was not deleted',
} as const

/** Returns the failed steps with their reasons, then what was done. `again` is the command line as typed. */
export function failedStepsText({
  applied,
  again,
  look,
}: {
  applied: readonly StepResult[]
  again: Script
  look: TerminalStyle
}): string {
  const skipped = applied.filter(({ outcome }) => outcome === 'skipped')
  const failed = applied.filter(({ outcome }) => outcome === 'failed')
  return screen(
    ...failed.flatMap(({ item, error }) => {
      const explained = explain(error)
      const what = toAscii(stripControlCharacters(explained.what), look)
      return [
        statusText('broken', `${nameOf(item)} ${failures[item.action]}`, look),
        hangingIndent('', 4, what, look.columns),
        reasonsText(explained, look),
        '',
      ]
    }),
    ...doneRow(applied, look),
    ...(skipped.length ? [row('Not started because of that:', `${titles(skipped)}.`, look)] : []),
    continueRow(again, look),
  )
}

/** Returns the end of an interrupted run; `reason` is a time limit, or left out after Ctrl-C. */
export function interruptedText({
  applied,
  again,
  look,
  why: reason,
}: {
  applied: readonly StepResult[]
  again: Script
  look: TerminalStyle
  why?: string | undefined
}): string {
  const inProgress = applied.filter(({ outcome, started }) => outcome === 'stopped' && started)
  const stopped = reason === undefined ? 'Stopped. ' : ''
  const done = doneRow(applied, look, stopped)
  const nothing = inProgress.length ? stopped.trim() : `${stopped}Nothing was changed.`
  return screen(
    ...(reason === undefined ? [] : [statusText('broken', reason, look)]),
    ...(done.length ? done : nothing ? [`  ${nothing}`] : []),
    ...(inProgress.length
      ? [
          row(
            'Azure may still be working on:',
            `${inProgress.map(({ item }) => nameOf(item)).join(', ')}.`,
            look,
          ),
        ]
      : []),
    continueRow(again, look),
  )
}

const nameOf = ({ title, label }: StepResult['item']) => sanitizeLine(`${title} ${label}`)

const row = (label: string, text: string, look: TerminalStyle) =>
  hangingIndent(`  ${label}`, 3 + label.length, text, look.columns)

const doneRow = (applied: readonly StepResult[], look: TerminalStyle, before = ''): string[] => {
  const done = applied.filter(({ outcome, item }) => outcome === 'done' && item.action !== 'keep')
  return done.length ? [row(`${before}Done:`, `${titles(done)}.`, look)] : []
}

const continueRow = (command: Script, look: TerminalStyle) =>
  `  To continue, run the same command again:  ${paint('accent', commandText(command, look), look)}`
