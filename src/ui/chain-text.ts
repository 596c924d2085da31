import type { ChainLink } from '../engine/check.ts'
import type { CheckResult } from '../engine/check-result.ts'
import { glyphs, paint, type TerminalStyle, width } from './text.ts'

/** The chain from the cluster to the secret. */
export const chainOrder: readonly ChainLink[] = [
  'cluster',
  'issuer',
  'service account',
  'credential',
  'identity',
  'webhook',
  'access',
  'vault',
  'target',
  'sample',
  'workload',
]
/** Other links are only shown if they are broken, so that the chain fits on one line. */
const usuallyShown: readonly ChainLink[] = [
  'cluster',
  'issuer',
  'credential',
  'identity',
  'access',
  'vault',
  'target',
]

/** The check that the identity of a job exists: such a chain begins with the issuer. */
const jobCode = 'WI119'

export type LinkState = 'pass' | 'warn' | 'fail' | 'skip' | 'unknown'

export function linkState(checks: readonly CheckResult[], link: ChainLink): LinkState {
  const states = checks
    .filter((check) => check.link === link)
    .map(({ status, undetermined }) => (undetermined ? 'skip' : status))
  return (['fail', 'skip', 'warn', 'pass'] as const).find((state) => states.includes(state)) ?? 'unknown'
}

/** Without grants there is no target, and with grants only, no vault. */
const isAbsent = (link: ChainLink, checks: readonly CheckResult[]): boolean => {
  const has = (wanted: ChainLink) => checks.some((check) => check.link === wanted)
  return (link === 'target' && !has('target')) || (link === 'vault' && !has('vault') && has('target'))
}

/** Returns `cluster ─ issuer ─ ✗ credential ─ identity ─ access ─ vault`: broken links marked, unproven ones dim. */
export function chainText(checks: readonly CheckResult[], look: TerminalStyle): string {
  const signs = glyphs(look)
  const isJob = checks.some(({ code }) => code === jobCode)
  const links = chainOrder
    .map((link) => ({ link, state: linkState(checks, link) }))
    .filter(
      ({ link, state }) =>
        state === 'fail' ||
        (usuallyShown.includes(link) && !isAbsent(link, checks) && !(isJob && link === 'cluster')),
    )
  const parts = links.map(({ link, state }) => {
    if (state === 'fail') return paint('broken', `${signs.broken} ${link}`, look)
    return state === 'pass' || state === 'warn' ? link : paint('dim', link, look)
  })
  const lines: string[] = []
  let line = '  '
  for (const [index, each] of parts.entries()) {
    const piece = index === parts.length - 1 ? each : `${each} ${signs.link} `
    if (width(line) + width(piece.trimEnd()) > look.columns && line.trim()) {
      lines.push(line.trimEnd())
      line = '  '
    }
    line += piece
  }
  return [...lines, line].join('\n')
}
