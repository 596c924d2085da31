import * as lists from '../src/checks/index.ts'
import { undetectable } from '../src/checks/undetectable.ts'
import type { AnyCheck } from '../src/engine/check.ts'
import { families } from '../src/explain/catalogue/index.ts'

/** How each list of checks is asked for. */
const asked: Record<string, string> = {
  chain: '`verify`',
  workloads: '`verify`, `verify --workload`, `verify --manifest`',
  inside: '`verify --in-cluster`',
  caller: '`verify --pre`',
  posture: '`verify --posture`',
}

interface Seen {
  check: AnyCheck
  by: string
}
const seen = new Map<string, Seen>(
  Object.entries(lists as Record<string, readonly AnyCheck[]>)
    .flatMap(([list, checks]) => checks.map((check) => ({ check, by: asked[list] ?? '`verify`' })))
    // The chain's own word for a check that stands in several lists.
    .toReversed()
    .map((each) => [each.check.code, each]),
)

const isCommand = (text: string) => /^(npx|az|kubectl|helm|curl|terraform) [^(,]+$/.test(text)
const isPasted = (text: string) => /^(npx|az|kubectl|helm|curl|terraform) \S/.test(text)
const plain = (text: string) => text.replace(/[<>]/g, '\\$&').replace(/\*/g, '\\*')
const fence = (lines: readonly string[]) => ['```sh', ...lines, '```']
const bullets = (lines: readonly string[]) => lines.map((line) => `- ${plain(line)}`)

function head(code: string, what: string): string[] {
  const here = seen.get(code)
  if (here) {
    const level = here.check.level === 'warning' ? 'a warning' : 'an error'
    return [`**${plain(here.check.title)}**`, '', `Seen by ${here.by}, as ${level}. If not: ${plain(what)}.`]
  }
  const unseen = undetectable.codes.find((each) => each.code === code)
  return [
    `**${plain(what)}**`,
    '',
    unseen
      ? `Not seen by \`verify\`: ${plain(unseen.why)}. What to look at: ${isCommand(unseen.look) ? `\`${unseen.look}\`` : plain(unseen.look)}.`
      : 'Not seen by `verify`.',
  ]
}

/** `docs/checks.md`, made from the program. */
export function checksPage(): string {
  const all = families.map((family) => ({
    ...family,
    entries: family.entries.toSorted((a, b) => a.code.localeCompare(b.code)),
  }))
  const anchor = (name: string, title: string) =>
    `${name} ${title}`
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-')
  const lines = [
    '# Checks',
    '',
    'What each code of `wi-setup verify` and `wi-setup explain` means: what is true when all is well, what one meets when it is not, what mends it, and how to look by hand. `…` stands for what only you know. Made from the program by `npm run reference`.',
    '',
    ...all.map(({ name, title }) => `- [${name} ${title}](#${anchor(name, title)})`),
  ]
  for (const { name, title, entries } of all) {
    lines.push('', `## ${name} ${title}`)
    for (const { code, what, errorMessages, why, remedy, manualChecks } of entries)
      lines.push(
        '',
        `### ${code}`,
        '',
        ...head(code, what),
        '',
        'What is said:',
        '',
        ...bullets(errorMessages),
        '',
        'Why:',
        '',
        ...bullets(why),
        '',
        ...(isPasted(remedy) ? ['Mend:', '', ...fence([remedy])] : [`Mend: ${plain(remedy)}`]),
        '',
        'By hand:',
        '',
        ...fence(manualChecks),
      )
  }
  return `${lines.join('\n')}\n`
}
