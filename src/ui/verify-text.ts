import { isScript, partsOf } from '../base/command.ts'
import { areCallerChecks, type CheckResult, healthOf } from '../engine/check-result.ts'
import { jobLabel } from '../issuers/index.ts'
import type { IssuerSettings } from '../issuers/issuer.ts'
import type { Settings } from '../settings/settings.ts'
import { chainText } from './chain-text.ts'
import { checkText, labeledText, warningTexts } from './check-text.ts'
import { screen, statusText, warningLines } from './screen-parts.ts'
import { otherServicesText } from './service-text.ts'
import { glyphs, hangingIndent, paint, pluralize, sanitizeLine, type TerminalStyle, width } from './text.ts'

export type WorkloadSettings = IssuerSettings &
  Pick<Settings, 'namespace' | 'serviceAccount' | 'vault' | 'secret'>

/** Returns the result of `verify` when nothing failed. The chain is shown only if the workload's access was proven. */
export function healthyText({
  settings,
  checks,
  look,
}: {
  settings: WorkloadSettings
  checks: readonly CheckResult[]
  look: TerminalStyle
}): string {
  if (areCallerChecks(checks))
    return screen(
      statusText('done', `Ready for a set-up.   ${passedText(checks)}`, look),
      ...warningLines(checks, look),
      ...notRunLines(checks, look),
    )
  const proven = isProven(checks)
  return screen(
    healthyHeadline(settings, 'reads', checks, look),
    ...warningLines(checks, look),
    ...(proven ? ['', chainText(checks, look)] : []),
    ...notRunLines(checks, look),
    ...outsideLines(checks, look),
  )
}

/** The checks that prove access: to the vault's secret, and for a grant. */
const proofs: readonly string[] = ['WI508', 'WI908']

/** Returns whether a proof passed, and none failed. */
export const isProven = (checks: readonly CheckResult[]): boolean => {
  const states = checks.filter(({ code }) => proofs.includes(code)).map(({ status }) => status)
  return states.includes('pass') && !states.includes('fail')
}

/**
 * Returns `checkout read db-password from kv-shop with its own token.`; for grants, `checkout has access to
 * storage:stshop/invoices, proven with its own token.`, or the number of resources.
 */
export function proofSentence(
  settings: Partial<WorkloadSettings>,
  verb: 'read' | 'reads',
  checks: readonly CheckResult[],
): string {
  const { serviceAccount, vault, secret } = settings
  const passed = checks.filter(({ code, status }) => proofs.includes(code) && status === 'pass')
  const grants = passed.filter(({ code }) => code === 'WI908')
  const all = checks.filter(({ code }) => code === 'WI908').length === grants.length ? 'all ' : ''
  const access =
    grants.length === 1 ? grants[0]!.subject!.replace(/=[a-z]+$/, '') : `${all}${grants.length} resources`
  const what = [
    ...(passed.length > grants.length ? [`${verb} ${secret} from ${vault}`] : []),
    ...(grants.length ? [`has access to ${access}`] : []),
  ]
  const proven = grants.length ? ', proven with its own token.' : ' with its own token.'
  return sanitizeLine(`${jobLabel(settings) ?? serviceAccount} ${what.join(' and ')}${proven}`)
}

/** Returns the proof; or that there is none, and what takes its place. */
export function healthyHeadline(
  settings: WorkloadSettings,
  verb: 'read' | 'reads',
  checks: readonly CheckResult[],
  look: TerminalStyle,
): string {
  if (isProven(checks)) return proofText(settings, verb, checks, look)
  const text = checks.some(isOutsideJob)
    ? 'Everything is set up. Access is inferred from roles, not proven.'
    : 'Nothing failed.'
  return statusText('done', withCount(text, passedText(checks), look), look)
}

/** Outside a job, only roles tell what the job may do. */
const isOutsideJob = ({ code, status }: CheckResult) => code === 'WI122' && status === 'skip'

export const outsideLines = (checks: readonly CheckResult[], look: TerminalStyle): string[] =>
  checks
    .filter(isOutsideJob)
    .map(({ code, detail }) =>
      paint('dim', hangingIndent(`  ${code}`, 9, sanitizeLine(detail), look.columns), look),
    )

/** Returns the proof and the number of checks, then a line for each grant with what came back. */
function proofText(
  settings: WorkloadSettings,
  verb: 'read' | 'reads',
  checks: readonly CheckResult[],
  look: TerminalStyle,
): string {
  const proof = proofSentence(settings, verb, checks)
  const rows = checks
    .filter(({ code }) => code === 'WI908')
    .map(({ subject = '', detail }) =>
      hangingIndent('', 6, sanitizeLine(`${subject}: ${detail}`), look.columns),
    )
  return [statusText('done', withCount(proof, passedText(checks), look), look), ...rows].join('\n')
}

/** Appends the number of checks, on a line of its own if it doesn't fit. */
const withCount = (text: string, count: string, look: TerminalStyle) =>
  `${text}${width(text) + 7 + width(count) > look.columns ? '\n' : '   '}${count}`

const passedText = (checks: readonly CheckResult[]) =>
  `${pluralize(checks.filter(({ status }) => status === 'pass' || status === 'warn').length, 'check')} passed`

/** Lists the checks that could not run: they did not pass. */
const notRunLines = (checks: readonly CheckResult[], look: TerminalStyle): string[] =>
  checks
    .filter((check) => check.couldNotRun)
    .map(({ code, detail }) =>
      paint('dim', hangingIndent(`  ${code}`, 9, sanitizeLine(detail), look.columns), look),
    )

/** Returns the result of `verify` when something failed: the cause first, then the chain, then the counts. */
export function unhealthyText({
  checks,
  look,
}: {
  checks: readonly CheckResult[]
  look: TerminalStyle
}): string {
  const dependents = ({ code }: CheckResult) => checks.filter(({ because }) => because === code).length
  const failed = checks
    .filter(({ status }) => status === 'fail')
    .toSorted((a, b) => dependents(b) - dependents(a))
  const warned = checks.filter(({ status }) => status === 'warn')
  const traces = [...new Set(failed.flatMap(({ trace }) => (trace ? [`trace ${sanitizeLine(trace)}`] : [])))]
  const line = `  ${countsText(checks)}`
  const fits = traces.length === 1 && width(line) + 6 + width(traces[0]!) <= look.columns
  const unknown = 'Could not tell whether it works, because a service failed. Nothing is proven broken.'
  return screen(
    ...(healthOf(checks) === 'unknown' ? [`${hangingIndent('', 2, unknown, look.columns)}\n`] : []),
    ...otherServicesText(checks).map(
      (text) => `${hangingIndent(`  ${glyphs(look).warn} `, 4, text, look.columns)}\n`,
    ),
    ...[...failed.map((check) => checkText(check, look)), ...warningTexts(warned, look)].map(
      (text) => `${text}\n`,
    ),
    ...(areCallerChecks(checks) ? [] : [chainText(checks, look)]),
    fits ? `${line}      ${paint('dim', traces[0]!, look)}` : hangingIndent('', 2, line.trim(), look.columns),
    ...notRunLines(checks, look),
    ...credentialsLines([...failed, ...warned], look),
    ...(fits ? [] : traces.map((trace) => paint('dim', `  ${trace}`, look))),
  )
}

/** Returns how to get the context that the fixes name, if one of them uses kubectl. */
function credentialsLines(found: readonly CheckResult[], look: TerminalStyle): string[] {
  const { getCredentials } = look.target ?? {}
  const usesKubectl = ({ fix = '' }: CheckResult) =>
    partsOf(fix).some((part) => isScript(part) && part.pipelines.flat().some(([name]) => name === 'kubectl'))
  return getCredentials && found.some(usesKubectl)
    ? ['', '  If kubectl does not have the context yet:', labeledText('', getCredentials, look, 2, 0)]
    : []
}

/** Returns `6 passed, 1 failed, 4 skipped because of WI104`. */
function countsText(checks: readonly CheckResult[]): string {
  const count = (status: CheckResult['status']) => checks.filter((check) => check.status === status).length
  const undetermined = checks.filter((check) => check.status === 'fail' && check.undetermined).length
  const failed = new Set(checks.filter(({ status }) => status === 'fail').map(({ code }) => code))
  // A cause that is skipped itself is not on the screen.
  const causes = [...new Set(checks.flatMap(({ because }) => because ?? []))]
    .filter((code) => failed.has(code))
    .join(', ')
  return [
    `${count('pass')} passed`,
    count('warn') && pluralize(count('warn'), 'warning'),
    `${count('fail') - undetermined} failed`,
    undetermined && `${undetermined} could not be checked`,
    count('skip') && `${count('skip')} skipped${causes ? ` because of ${causes}` : ''}`,
  ]
    .filter(Boolean)
    .join(', ')
}
