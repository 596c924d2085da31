import type { CheckResult } from '../engine/check-result.ts'
import { checkText, labeledText } from './check-text.ts'
import { glyphs, hangingIndent, paint, pluralize, sanitizeLine, type TerminalStyle } from './text.ts'

/** More ignored objects than this are counted, not listed. */
const maxListed = 6

/** Returns the findings in manifests, then what was checked, ignored and unknown. */
export function lintText(of: {
  checks: readonly CheckResult[]
  /** `Deployment shop/checkout` for each. */
  workloads: readonly string[]
  /** There are objects among them that aren't workloads. */
  others: boolean
  files: number
  leftAlone: readonly string[]
  /** How many of those create pods but could not be checked. */
  unjudged: number
  unseen: readonly string[]
  look: TerminalStyle
}): string {
  const { checks, workloads, look } = of
  const withStatus = (status: CheckResult['status']) => checks.filter((each) => each.status === status)
  const [failed, warned] = [withStatus('fail'), withStatus('warn')]
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
        ? `No workload in ${files} could be checked.`
        : `Nothing in ${files} uses workload identity.`
      : failed.length
        ? `${pluralize(workloads.length, of.others ? 'object' : 'workload')} in ${files}: ${counts.filter(Boolean).join(', ')}.`
        : warned.length
          ? `${summarize(workloads)}: ${pluralize(warned.length, 'warning')}, nothing failed.   ${passed} passed`
          : `${summarize(workloads)} ${workloads.length === 1 ? 'works' : 'work'} with workload identity.   ${passed} passed`
  const sign =
    failed.length || !workloads.length
      ? ' '
      : warned.length
        ? glyphs(look).warn
        : paint('accent', glyphs(look).done, look)
  const lines = [
    ...[...failed, ...warned].map((check) => `${checkText(check, look)}\n`),
    hangingIndent(`  ${sign} `, failed.length ? 2 : 4, last, look.columns),
    ...dim(
      'Ignored:',
      of.leftAlone.length > maxListed
        ? [...of.leftAlone.slice(0, maxListed), `and ${of.leftAlone.length - maxListed} more`]
        : of.leftAlone,
    ),
    ...(workloads.length ? dim('Unknown:', of.unseen) : []),
  ]
  return `${lines.join('\n')}\n`
}

const summarize = ([first = '', ...others]: readonly string[]) =>
  others.length === 0
    ? first
    : others.length === 1
      ? `${first} and ${others[0]}`
      : `${first} and ${others.length} more`
