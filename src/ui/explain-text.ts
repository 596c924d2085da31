import { instruction, type Remedy, wiSetup } from '../base/command.ts'
import { type CommandTarget, scriptText } from '../base/command-text.ts'
import { stripControlCharacters } from '../base/control-characters.ts'
import { packageFile } from '../base/package-file.ts'
import { checksPage } from '../engine/check.ts'
import type { ManualCheck } from '../explain/catalogue/entry.ts'
import type { Explained } from '../explain/index.ts'
import type { LoggedFailure } from '../explain/log-reader.ts'
import type { Values } from '../explain/values.ts'
import { labeledText } from './check-text.ts'
import { hangingIndent, paint, pluralize, sanitizeLine, type TerminalStyle, toAscii, wrap } from './text.ts'

/** Labels of the values in a message. Values without a label are used only in the command. */
const labels: Record<string, string> = {
  is: 'is',
  should: 'should',
  issuer: 'issuer',
  subject: 'subject',
  audience: 'audience',
  application: 'client ID',
  objectId: 'object ID',
  tenant: 'tenant',
  key: 'key ID',
  algorithm: 'algorithm',
  now: 'now',
  from: 'valid from',
  until: 'valid until',
  scope: 'scope',
  action: 'action',
  client: 'caller',
  vault: 'vault',
  secret: 'secret',
  permission: 'permission',
  address: 'address',
  user: 'user',
  verb: 'verb',
  resource: 'resource',
  namespace: 'namespace',
  serviceAccount: 'service account',
  webhook: 'webhook',
  reason: 'reason',
  field: 'field',
  manager: 'manager',
  host: 'host',
  path: 'path',
  missing: 'missing',
  policy: 'policy',
  location: 'location',
  group: 'group',
  release: 'release',
}

/** Returns the presented values with their labels. */
export const presentedValues = (values: Values = {}): [string, string][] =>
  Object.entries(labels).flatMap(([name, label]): [string, string][] => {
    const value = values[name]
    // Contained in another value.
    const isRedundant =
      (values.subject && (name === 'namespace' || name === 'serviceAccount')) ||
      (name === 'scope' && values.scope && values.resource?.startsWith(values.scope))
    return value === undefined || value === '' || isRedundant ? [] : [[label, sanitizeLine(value)]]
  })

/** Returns Microsoft's page about an error code. */
export const furtherReading = (code: string): string[] => {
  const number = /^AADSTS(\d+)$/.exec(code)?.[1]
  return number ? [`https://login.microsoftonline.com/error?code=${number}`] : []
}

const indent = 2
const column = 11

/** Returns one explained failure: what happened, the presented values, the causes, the fix, and links. */
export function explainedText(
  explained: Explained,
  of: { title: string | undefined; messages: readonly string[]; byHand: readonly ManualCheck[] },
  look: TerminalStyle,
): string {
  const { title, messages, byHand } = of
  const { code, what, why, remedy, original, trace, check, presented } = explained
  const row = (label: string, remedy: Remedy) => labeledText(label, remedy, look, indent, column)
  const values = presentedValues(presented)
  const wide = Math.max(0, ...values.map(([label]) => label.length)) + 2
  const times = 'times' in explained ? placeOf(explained as LoggedFailure) : ''
  const more = [...(check ? [`${packageFile(checksPage)} (${check})`] : []), ...furtherReading(code)]
  return [
    `${paint('strong', code, look)}${times ? paint('dim', `   ${times}`, look) : ''}`,
    hangingIndent('', indent, toAscii(stripControlCharacters(what), look), look.columns),
    '',
    ...values.map(([label, value], index) =>
      hangingIndent(
        `  ${(index === 0 ? 'Presented:' : '').padEnd(column)}${label}`,
        indent + column + wide,
        toAscii(value, look),
        look.columns,
      ),
    ),
    ...messages.map((each, index) => row(index === 0 ? 'Message:' : '', each)),
    ...why.map((each, index) => row(index === 0 ? 'Why:' : '', each)),
    row('Fix:', remedy),
    ...(check && check !== code && title
      ? [hangingIndent(`  ${'Check:'.padEnd(column)}${check}  `, indent + column + 7, title, look.columns)]
      : []),
    ...byHand.map((each, index) => {
      const label = index === 0 ? 'By hand:' : ''
      return 'shell' in each
        ? `  ${label.padEnd(column)}${paint('accent', toAscii(each.shell, look), look)}`
        : row(label, each())
    }),
    ...more.map((each, index) => row(index === 0 ? 'More:' : '', each)),
    ...[
      original && original.trim() !== code && !what.includes(original) ? original : '',
      trace ? `trace ${sanitizeLine(trace)}` : '',
    ]
      .filter(Boolean)
      .flatMap((text, index) => [
        ...(index === 0 ? [''] : []),
        ...wrap(toAscii(sanitizeLine(text), look), look.columns - indent).map(
          (line) => `  ${paint('dim', line, look)}`,
        ),
      ]),
    '',
  ].join('\n')
}

const placeOf = ({ line, times }: LoggedFailure) =>
  times > 1 ? `${pluralize(times, 'time')}, first in line ${line}` : `line ${line}`

/** Returns a hint for a code with several meanings. */
export const ambiguousText = (code: string, count: number, look: TerminalStyle): string => {
  const explainMessage = wiSetup('explain', '--log', 'message.txt')
  const text = instruction`${code} has ${String(count)} meanings. To find the right one, pass the full message: ${explainMessage}`
  return `${labeledText('', text, look, 0, 0)}\n`
}

/** Returns the command that checks by hand. */
export const manualCheckText = (check: ManualCheck, target: CommandTarget): string =>
  'shell' in check ? check.shell : scriptText(check(), target)

export const unknownText = (code: string, near: readonly string[]): string =>
  `${JSON.stringify(code)} is not a known error code${near.length ? `\n  similar: ${near.join(', ')}` : ''}`
