import type { ChainLink } from '../../engine/check.ts'
import type { CheckResult } from '../../engine/check-result.ts'
import { chainOrder, type LinkState, linkState } from '../chain-text.ts'
import { escapeHtml } from './escape-html.ts'

interface Node {
  link: ChainLink
  state: LinkState
  /** Codes of its failed checks. */
  codes: string
}

const optional: readonly ChainLink[] = ['sample', 'workload']

function nodesOf(checks: readonly CheckResult[]): Node[] {
  return chainOrder
    .map((link) => ({
      link,
      state: linkState(checks, link),
      codes: [
        ...new Set(
          checks.filter((each) => each.link === link && each.status === 'fail').map(({ code }) => code),
        ),
      ].join(' '),
    }))
    .filter(({ link, state }) => state !== 'unknown' || !optional.includes(link))
}

const stateLabels: Record<LinkState, string> = {
  pass: 'passed',
  warn: 'a warning',
  fail: 'broken',
  skip: 'not proven',
  unknown: 'not checked',
}

/** The icon in a circle around (0, 0). */
const signs: Record<LinkState, string> = {
  pass: '<path d="M-4.5 .5l3 3 6-7"/>',
  warn: '<path d="M0-5v6M0 4.4v.2"/>',
  fail: '<path d="M-4-4l8 8M4-4l-8 8"/>',
  skip: '<path d="M-4 0h8"/>',
  unknown: '<path d="M-4 0h8"/>',
}

const [wide, high, gap] = [156, 58, 22]

const box = ({ link, state, codes }: Node, x: number, y: number) =>
  `<g class="${state}" transform="translate(${x} ${y})"><title>${escapeHtml(link)}: ${stateLabels[state]}${codes ? ` (${codes})` : ''}</title>` +
  `<rect width="${wide}" height="${high}" rx="10"/>` +
  `<g class="sign" transform="translate(23 ${high / 2})"><circle r="11"/>${signs[state]}</g>` +
  `<text x="42" y="${codes ? 25 : 34}">${escapeHtml(link)}</text>` +
  (codes ? `<text class="code" x="42" y="43">${escapeHtml(codes)}</text>` : '') +
  '</g>'

/** The line into a node has the node's state. */
const line = (state: LinkState, path: string) => `<path class="line ${state}" d="${path}"/>`

/** Lays the nodes out in rows of alternating direction, so that the line is continuous. */
function laidOut(nodes: readonly Node[], kind: string, perRow: number, below: number): string {
  const at = (index: number) => {
    const row = Math.floor(index / perRow)
    const column = row % 2 === 0 ? index % perRow : perRow - 1 - (index % perRow)
    return { x: 2 + column * (wide + gap), y: 2 + row * (high + below), row }
  }
  const lines = nodes.slice(1).map(({ state }, index) => {
    const [from, to] = [at(index), at(index + 1)]
    const middle = from.y + high / 2
    if (from.row !== to.row) return line(state, `M${from.x + wide / 2} ${from.y + high}V${to.y}`)
    return from.x < to.x
      ? line(state, `M${from.x + wide} ${middle}H${to.x}`)
      : line(state, `M${from.x} ${middle}H${to.x + wide}`)
  })
  const rows = Math.ceil(nodes.length / perRow)
  const [width, height] = [4 + perRow * wide + (perRow - 1) * gap, 4 + rows * high + (rows - 1) * below]
  const boxes = nodes.map((node, index) => box(node, at(index).x, at(index).y))
  return `<svg class="chain ${kind}" viewBox="0 0 ${width} ${height}" role="img" aria-label="The chain from the cluster to the secret">${lines.join('')}${boxes.join('')}</svg>`
}

/** Returns the chain with broken links in red, once for wide pages and once for narrow ones. */
export function chainPicture(checks: readonly CheckResult[]): string {
  const nodes = nodesOf(checks)
  return laidOut(nodes, 'across', 5, 34) + laidOut(nodes, 'down', 2, 18)
}
