interface TerminalStyle {
  color: string | undefined
  bold: boolean
  dim: boolean
}

/** Part of a line in one style. `column` counts from 0. */
export interface Span extends TerminalStyle {
  column: number
  text: string
}

const unstyled: TerminalStyle = { color: undefined, bold: false, dim: false }

const foregrounds: Record<number, string> = {
  31: '#ff7b72',
  32: '#7ee787',
  33: '#e3b341',
  34: '#79c0ff',
  35: '#d2a8ff',
  36: '#56d4dd',
}

/** Splits a captured terminal screen into styled spans. A style set by an SGR sequence carries over to the next lines. */
export function readScreen(screen: string): Span[][] {
  let style = unstyled
  return screen.split('\n').map((line) => {
    const spans: Span[] = []
    let column = 0
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
    for (const part of line.split(/(\x1b\[[\d;]*m)/)) {
      if (part.startsWith('\x1b')) {
        for (const code of part.slice(2, -1).split(';').map(Number)) style = applySgr(code, style)
        continue
      }
      // Each aligned column gets its own span, so that it stays in place in any monospace font.
      for (const text of part.split(/( {2,})/)) {
        if (text.trim()) spans.push({ column, text, ...style })
        column += [...text].length
      }
    }
    return spans
  })
}

function applySgr(code: number, style: TerminalStyle): TerminalStyle {
  if (code === 0) return unstyled
  if (code === 1) return { ...style, bold: true }
  if (code === 2) return { ...style, dim: true }
  if (code === 22) return { ...style, bold: false, dim: false }
  if (code === 39) return { ...style, color: undefined }
  return code in foregrounds ? { ...style, color: foregrounds[code] } : style
}

const cellWidth = 8
const lineHeight = 18
const padding = 18
const titleBarHeight = 34

const escapeXml = (text: string) =>
  text.replace(
    /[<>&"]/g,
    (character) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' })[character]!,
  )

function tspan({ column, text, color, bold, dim }: Span): string {
  const content = text.trim()
  const indent = text.length - text.trimStart().length
  const x = padding + (column + indent) * cellWidth
  const fill = dim ? '#8b949e' : color
  const attributes = [
    `x="${x}"`,
    `textLength="${[...content].length * cellWidth}"`,
    ...(fill ? [`fill="${fill}"`] : []),
    ...(bold ? ['font-weight="700"'] : []),
  ]
  return `<tspan ${attributes.join(' ')}>${escapeXml(content)}</tspan>`
}

/** Returns a terminal window as SVG. The text can be selected, no font is loaded, and any page background works. */
export function terminalPicture(
  lines: Span[][],
  { columns, title, description }: { columns: number; title: string; description: string },
): string {
  const width = columns * cellWidth + 2 * padding
  const height = titleBarHeight + lines.length * lineHeight + padding
  const texts = lines.flatMap((spans, index) =>
    spans.length > 0
      ? [
          `<text y="${titleBarHeight + 13 + index * lineHeight}" xml:space="preserve">${spans.map(tspan).join('')}</text>`,
        ]
      : [],
  )
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<desc>${escapeXml(description)}</desc>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="#0d1117" stroke="#484f58"/>`,
    `<path d="M1 ${titleBarHeight - 8}h${width - 2}" stroke="#30363d"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace" font-size="13.3" fill="#e6edf3">`,
    `<text x="${width / 2}" y="18" text-anchor="middle" fill="#8b949e">${escapeXml(title)}</text>`,
    ...texts,
    '</g>',
    '</svg>',
  ].join('\n')}\n`
}
