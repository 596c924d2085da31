/** A piece of one line that is shown in one way; `column` counts from 0. */
export interface Piece {
  column: number
  text: string
  color: string | undefined
  bold: boolean
  dim: boolean
}

const colors: Record<number, string> = {
  31: '#ff7b72',
  32: '#7ee787',
  33: '#e3b341',
  34: '#79c0ff',
  35: '#d2a8ff',
  36: '#56d4dd',
}

/** Reads what a terminal shows: text with SGR sequences, whose effect lasts over the ends of lines. */
export function readScreen(text: string): Piece[][] {
  let look: Pick<Piece, 'color' | 'bold' | 'dim'> = { color: undefined, bold: false, dim: false }
  return text.split('\n').map((line) => {
    const pieces: Piece[] = []
    let column = 0
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
    for (const part of line.split(/(\x1b\[[\d;]*m)/)) {
      if (part.startsWith('\x1b')) {
        for (const code of part.slice(2, -1).split(';').map(Number)) look = after(code, look)
        continue
      }
      // What stands apart is a piece of its own: it keeps its column in any monospace font.
      for (const text of part.split(/( {2,})/)) {
        if (text.trim()) pieces.push({ column, text, ...look })
        column += [...text].length
      }
    }
    return pieces
  })
}

function after(code: number, look: Pick<Piece, 'color' | 'bold' | 'dim'>): typeof look {
  if (code === 0) return { color: undefined, bold: false, dim: false }
  if (code === 1) return { ...look, bold: true }
  if (code === 2) return { ...look, dim: true }
  if (code === 22) return { ...look, bold: false, dim: false }
  if (code === 39) return { ...look, color: undefined }
  return code in colors ? { ...look, color: colors[code] } : look
}

const cell = 8
const row = 18
const edge = 18
const bar = 34

const escaped = (text: string) =>
  text.replace(/[<>&"]/g, (sign) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' })[sign]!)

/** A terminal as an SVG picture: text stays text, no font is loaded, legible on light and dark pages. */
export function terminalPicture(
  lines: Piece[][],
  of: { columns: number; title: string; says: string },
): string {
  const width = of.columns * cell + 2 * edge
  const height = bar + lines.length * row + edge
  const span = ({ column, text, color, bold, dim }: Piece) => {
    const indent = text.length - text.trimStart().length
    const fill = dim ? '#8b949e' : color
    const x = edge + (column + indent) * cell
    const bare = text.trim()
    return `<tspan x="${x}" textLength="${[...bare].length * cell}"${fill ? ` fill="${fill}"` : ''}${bold ? ' font-weight="700"' : ''}>${escaped(bare)}</tspan>`
  }
  const texts = lines.flatMap((pieces, index) =>
    pieces.length
      ? [`<text y="${bar + 13 + index * row}" xml:space="preserve">${pieces.map(span).join('')}</text>`]
      : [],
  )
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(of.title)}</title>`,
    `<desc>${escaped(of.says)}</desc>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="#0d1117" stroke="#484f58"/>`,
    `<path d="M1 ${bar - 8}h${width - 2}" stroke="#30363d"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace" font-size="13.3" fill="#e6edf3">`,
    `<text x="${width / 2}" y="18" text-anchor="middle" fill="#8b949e">${escaped(of.title)}</text>`,
    ...texts,
    '</g>',
    '</svg>',
  ].join('\n')}\n`
}
