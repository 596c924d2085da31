import { hostTarget, scriptText } from '../../../base/command-text.ts'
import { stripControlCharacters } from '../../../base/control-characters.ts'
import { jsonText } from '../../../base/json-text.ts'
import type { FlagSection } from '../../../issuers/api-server-flags.ts'
import type { Distribution } from '../../../issuers/distributions.ts'
import type { Invocation } from '../../../session/invocation.ts'
import type { CommandRun } from '../../../session/run-command.ts'
import { documentHead } from '../../../ui/json.ts'
import type { Destination } from './destination.ts'
import type { KeyChanges } from './documents.ts'

interface Shown {
  destination: Destination
  changes: KeyChanges
  distribution: Distribution
}

const count = (ids: readonly string[]) => `${ids.length} ${ids.length === 1 ? 'key' : 'keys'}`

const keyLines = ({ kept, added, removed }: KeyChanges): string[] => [
  ...(kept.length ? [`keep ${count(kept)}: ${kept.join(', ')}`] : []),
  ...(added.length ? [`add ${count(added)}: ${added.join(', ')}`] : []),
  ...(removed.length
    ? [`remove ${count(removed)}: ${removed.join(', ')}; their tokens are rejected from then on`]
    : []),
]

/** Shows what would be published, before consent. */
export function showPlan({ screen }: CommandRun, { destination, changes, distribution }: Shown): void {
  const lines = [
    `cluster      ${distribution.title}: ${distribution.note}`,
    `issuer       ${destination.issuer}`,
    `documents    ${destination.title}`,
    ...destination.changes.map((each) => `             ${each}`),
    ...changes.documents.map(({ path, action }) => `             ${action} ${path}`),
    ...keyLines(changes).map((each) => `             ${each}`),
  ]
  screen.say(stripControlCharacters(`${lines.map((line) => `  ${line}\n`).join('')}\n`))
}

interface Result extends Shown {
  operation: 'publish' | 'rotate'
  written: number
  sections: readonly FlagSection[]
}

/** Writes the document or the text of a finished run. The flags go to standard output, to be pasted. */
export function showResult(invocation: Invocation, { screen }: CommandRun, result: Result): void {
  const { host, options } = invocation
  const { operation, destination, changes, distribution, written, sections } = result
  if (options.output === 'json') {
    host.stdout.write(
      `${jsonText({
        ...documentHead(`issuer ${operation}`, true),
        issuer: destination.issuer,
        distribution: distribution.name,
        writes: written,
        documents: changes.documents.map(({ path, action }) => ({ path, action })),
        keys: { kept: changes.kept, added: changes.added, removed: changes.removed },
        flags: sections.map(({ heading, yaml = null, commands }) => ({
          heading,
          yaml,
          commands: commands?.pipelines ?? [],
        })),
      })}\n`,
    )
    return
  }
  screen.say(
    options.dryRun
      ? '  Nothing was changed (--dry-run).\n'
      : written
        ? '  Published.\n'
        : '  Everything is up to date; nothing was changed.\n',
  )
  host.stdout.write(stripControlCharacters(sections.map((each) => sectionText(each, invocation)).join('\n')))
}

const sectionText = ({ heading, yaml, commands }: FlagSection, { host }: Invocation): string =>
  [
    `# ${heading}`,
    ...(yaml === undefined ? [] : [yaml]),
    ...(commands === undefined ? [] : [scriptText(commands, hostTarget(host))]),
    '',
  ].join('\n')
