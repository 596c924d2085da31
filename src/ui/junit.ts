import { type CommandTarget, noTarget, remedyText } from '../base/command-text.ts'
import { stripControlCharacters } from '../base/control-characters.ts'
import { type CheckResult, isOpen } from '../engine/check-result.ts'
import type { Explained } from '../explain/index.ts'
import { serviceText } from './service-text.ts'

const named: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Removes what XML 1.0 doesn't allow: control characters and lone surrogates. */
const escaped = (text: string) =>
  stripControlCharacters(text)
    .toWellFormed()
    .replace(/[\ufffe\uffff]/g, '')
    .replace(/[&<>"]/g, (sign) => named[sign]!)
    .replaceAll('\n', '&#10;')

const attributes = (of: Record<string, string | number>) =>
  Object.entries(of)
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
    .join('')

const seconds = (ms: number) => (ms / 1000).toFixed(3)

/** What a check that only warns could not tell is skipped: its findings are no failures. */
const isError = (check: CheckResult) => isOpen(check) && (check.status === 'fail' || check.level === 'error')

const counts = (checks: readonly CheckResult[]) => ({
  tests: checks.length,
  failures: checks.filter(({ status, undetermined }) => status === 'fail' && !undetermined).length,
  errors: checks.filter(isError).length,
  skipped: checks.filter((check) => check.status === 'skip' && !isError(check)).length,
})

/** Returns a JUnit report: a suite per link of the chain, a case per check. Warnings pass, with a `system-out`. */
export function junitReport(of: {
  checks: readonly CheckResult[]
  error?: Explained | undefined
  now: Date
  target?: CommandTarget
}): string {
  const { checks, error, now, target = noTarget } = of
  const links = [...new Set(checks.map(({ link }) => link))]
  const timestamp = now.toISOString().slice(0, 19)
  const suites = links.map((link) => {
    const here = checks.filter((check) => check.link === link)
    // Checks run concurrently: a suite takes as long as its longest check.
    const time = seconds(Math.max(...here.map(({ ms }) => ms)))
    return [
      `  <testsuite${attributes({ name: link, ...counts(here), time, timestamp })}>`,
      ...here.map((check) => caseOf(check, here)),
      '  </testsuite>',
    ].join('\n')
  })
  const time = seconds(Math.max(0, ...checks.map(({ ms }) => ms)))
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'wi-setup verify', ...counts(checks), tests: checks.length + (error ? 1 : 0), errors: counts(checks).errors + (error ? 1 : 0), time })}>`,
    ...suites,
    ...(error ? [errorSuite(error, timestamp, target)] : []),
    '</testsuites>',
  ].join('\n')}\n`
}

function caseOf(check: CheckResult, beside: readonly CheckResult[]): string {
  const { code, title, subject, link, ms } = check
  const same = beside.filter((each) => each.code === code && each.subject === subject)
  // A check may have several findings; each case needs a unique name.
  const about = subject === undefined ? '' : ` (${subject})`
  const name = `${code} ${title}${about}${same.length > 1 ? ` (${same.indexOf(check) + 1} of ${same.length})` : ''}`
  const inside = insideOf(check)
  const head = `    <testcase${attributes({ classname: `wi-setup.${link.replaceAll(' ', '-')}`, name, time: seconds(ms) })}`
  return inside ? `${head}>\n${inside}\n    </testcase>` : `${head}/>`
}

function insideOf(check: CheckResult): string | undefined {
  const { status, code, detail, title, because } = check
  const text = linesOf(check)
    .map((line) => escaped(line))
    .join('\n')
  const tag = isError(check) ? 'error' : 'failure'
  if (status === 'fail' || isError(check))
    return `      <${tag}${attributes({ type: code, message: detail || title })}>${text}</${tag}>`
  if (status === 'skip')
    return `      <skipped${attributes({ message: because ? `because of ${because}` : detail })}/>`
  if (status === 'warn') return `      <system-out>warning: ${text}</system-out>`
  return undefined
}

const linesOf = ({ detail, title, is, should, remedy, service, trace, doc }: CheckResult) => [
  detail || title,
  ...(is === undefined ? [] : [`is      ${is}`]),
  ...(should === undefined ? [] : [`should  ${should}`]),
  ...(remedy ? [`Fix:    ${remedy}`] : []),
  ...(service ? [serviceText(service), service.resource] : []),
  ...(trace ? [`trace ${trace}`] : []),
  `See ${doc}`,
]

/** The run failed: some or all checks did not run. */
const errorSuite = (
  { code, what, remedy, service, trace }: Explained,
  timestamp: string,
  target: CommandTarget,
) =>
  [
    `  <testsuite${attributes({ name: 'run', tests: 1, failures: 0, skipped: 0, errors: 1, time: '0.000', timestamp })}>`,
    `    <testcase${attributes({ classname: 'wi-setup.run', name: 'The checks can run', time: '0.000' })}>`,
    `      <error${attributes({ type: code, message: what })}>${[what, ...(remedy ? [`Fix:    ${remedyText(remedy, target)}`] : []), ...(service ? [serviceText(service), service.resource] : []), ...(trace ? [`trace ${trace}`] : [])].map(escaped).join('\n')}</error>`,
    '    </testcase>',
    '  </testsuite>',
  ].join('\n')
