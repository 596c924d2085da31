import { stripVTControlCharacters } from 'node:util'

/** Returns a stream that behaves as a small terminal: text, line feeds, cursor movements, cleared lines. */
export function makeTestTerminal(columns = 80): {
  stream: NodeJS.WriteStream
  /** Returns the visible lines without trailing blanks. */
  text: () => string
  raw: () => string
} {
  const lines: string[] = ['']
  let [x, y] = [0, 0]
  let all = ''
  const put = (text: string) => {
    for (const sign of text) {
      if (sign === '\n') {
        ;[x, y] = [0, y + 1]
        lines[y] ??= ''
      } else {
        const line = lines[y]!.padEnd(x)
        lines[y] = line.slice(0, x) + sign + line.slice(x + 1)
        x++
      }
    }
  }
  const stream = {
    isTTY: true,
    columns,
    rows: 40,
    write(chunk: string) {
      all += chunk
      put(stripVTControlCharacters(chunk))
      return true
    },
    cursorTo(column: number) {
      x = column
    },
    moveCursor(_: number, dy: number) {
      y += dy
    },
    clearLine() {
      lines[y] = ''
    },
    once() {},
    removeListener() {},
  }
  return {
    stream: stream as unknown as NodeJS.WriteStream,
    text: () =>
      lines
        .map((line) => line.trimEnd())
        .join('\n')
        .trimEnd(),
    raw: () => all,
  }
}
