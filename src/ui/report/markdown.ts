import type { CheckResult } from '../../engine/check-result.ts'
import type { FailingService } from '../../explain/explained.ts'
import { serviceText } from '../service-text.ts'
import { sanitizeLine } from '../text.ts'
import { checkState, findingsOf, healthText, stateText } from './check-state.ts'
import type { Evidence } from './evidence.ts'

/** Escapes Markdown and HTML. */
const plain = (text: string) =>
  sanitizeLine(text)
    .replace(/[\\`*_[\]<>#|~]/g, '\\$&')
    .replaceAll('&', '&amp;')

/** Returns a code span, in as many backticks as needed. */
function span(line: string): string {
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return longest ? `${fence} ${line} ${fence}` : `${fence}${line || ' '}${fence}`
}

/** Returns code for anywhere, also the cell of a table. */
const code = (text: string) => span(sanitizeLine(text).replaceAll('|', '\\|'))

/** Returns a command, which outside of a table keeps its pipes. */
const command = (text: string) => span(sanitizeLine(text))

const table = (heads: string[], rows: string[][]): string[] =>
  rows.length === 0 ? [] : [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)

const section = (title: string, lines: string[]) => (lines.length ? ['', `## ${title}`, '', ...lines] : [])

const serviceLines = (service: FailingService | undefined): string[] =>
  service ? [`- service: ${plain(serviceText(service))}`, `- request: ${code(service.resource)}`] : []

function finding({
  code: id,
  detail,
  title,
  is,
  should,
  remedy,
  service,
  trace,
  doc,
}: CheckResult): string[] {
  return [
    '',
    `**${id}** ${plain(detail || title)}`,
    '',
    ...(is === undefined ? [] : [`- is: ${code(is)}`]),
    ...(should === undefined ? [] : [`- should be: ${code(should)}`]),
    ...(remedy ? [`- Fix: ${command(remedy)}`] : []),
    ...serviceLines(service),
    ...(trace ? [`- trace: ${code(trace)}`] : []),
    `- see: ${doc}`,
  ]
}

function stateCell(check: CheckResult): string {
  const state = checkState(check)
  return state === 'fail' || state === 'open' ? `**${stateText(state)}**` : stateText(state)
}

/** Returns the report for a ticket or a pull request. */
export function markdownReport(evidence: Evidence): string {
  const { health, summary, at, checks, error, versions, names, presented, trusted, requests } = evidence
  return `${[
    `# wi-setup verify: ${healthText[health]}`,
    '',
    plain(summary),
    '',
    `Checked at ${at}.`,
    ...(error
      ? section('Some checks could not run', [
          `**${plain(error.code)}** ${plain(error.what)}`,
          '',
          ...error.why.map((each) => `- ${plain(each)}`),
          ...(error.remedy ? [`- Fix: ${command(error.remedy)}`] : []),
          ...serviceLines(error.service),
          ...(error.trace ? [`- trace: ${code(error.trace)}`] : []),
        ])
      : []),
    ...section('Findings', findingsOf(checks).flatMap(finding).slice(1)),
    ...section(
      'Versions',
      table(
        ['', ''],
        versions.map(([label, value]) => [plain(label), code(value)]),
      ),
    ),
    ...section(
      'Names and IDs',
      table(
        ['', ''],
        names.map(([label, value]) => [plain(label), code(value)]),
      ),
    ),
    ...section(
      "Claims of the cluster's token",
      table(
        ['', ''],
        presented.map(([label, value]) => [plain(label), code(value)]),
      ),
    ),
    ...section(
      'Federated credentials of the identity',
      table(
        ['credential', 'issuer', 'subject', 'audience'],
        trusted.map((each) => [each.name, each.issuer, each.subject, each.audience].map(code)),
      ),
    ),
    ...section(
      'Checks',
      table(
        ['', 'link', 'check', 'state', 'detail'],
        checks.map((check) => [
          check.code,
          plain(check.link),
          plain(check.title),
          stateCell(check),
          plain(check.because ? `because of ${check.because}` : check.detail),
        ]),
      ),
    ),
    ...section(
      'Requests',
      table(
        ['request', 'response', 'ms', 'request ID'],
        requests.map(({ method, url, status, failure, ms, requestId }) => [
          code(`${method} ${url}`),
          plain(String(status ?? failure ?? '')),
          String(ms),
          requestId ? code(requestId) : '',
        ]),
      ),
    ),
  ].join('\n')}\n`
}
