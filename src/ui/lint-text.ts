import type { CheckResult } from '../engine/check-result.ts'
import { checkText, labeledText } from './check-text.ts'
import { glyphs, hangingIndent, paint, pluralize, sanitizeLine, type TerminalStyle } from './text.ts'

/** As many of what was left alone are named. */
const many = 6

/** What was found in manifests: the faults first, then what was looked at, and what could not be. */
export function lintText(of: {
  checks: readonly CheckResult[]
  /** `Deployment shop/checkout` for each. */
  workloads: readonly string[]
  files: number
  leftAlone: readonly string[]
  /** How many of those make pods, and could not be judged. */
  unjudged: number
  unseen: readonly string[]
  look: TerminalStyle
}): string {
  const { checks, workloads, look } = of
  const faults = (status: CheckResult['status']) => checks.filter((each) => each.status === status)
  const [failed, warned] = [faults('fail'), faults('warn')]
  const dim = (label: string, items: readonly string[]) =>
    items.length
      ? [paint('dim', labeledText(label, `${items.map(sanitizeLine).join('; ')}.`, look, 2, 14), look)]
      : []
  const passed = pluralize(checks.filter(({ status }) => status === 'pass').length, 'check')
  const files = pluralize(of.files, 'file')
  const counts = [
    failed.length && `${failed.length} failed`,
    warned.length && pluralize(warned.length, 'warning'),
  ]
  const last =
    workloads.length === 0
      ? of.unjudged
        ? `No workload in ${files} could be judged.`
        : `Nothing in ${files} has to do with workload identity.`
      : failed.length
        ? `${pluralize(workloads.length, 'workload')} in ${files}: ${counts.filter(Boolean).join(', ')}.`
        : `${said(workloads)} fit${workloads.length === 1 ? 's' : ''} workload identity.   ${passed}`
  const sign = failed.length || !workloads.length ? ' ' : paint('accent', glyphs(look).done, look)
  const lines = [
    ...[...failed, ...warned].map((check) => `${checkText(check, look)}\n`),
    hangingIndent(`  ${sign} `, failed.length ? 2 : 4, last, look.columns),
    ...dim(
      'Left alone:',
      of.leftAlone.length > many
        ? [...of.leftAlone.slice(0, many), `and ${of.leftAlone.length - many} more`]
        : of.leftAlone,
    ),
    ...(workloads.length ? dim('Not seen:', of.unseen) : []),
  ]
  return `${lines.join('\n')}\n`
}

const said = ([first = '', ...others]: readonly string[]) =>
  others.length === 0
    ? first
    : others.length === 1
      ? `${first} and ${others[0]}`
      : `${first} and ${others.length} more`
