/** Characters of a line that belong together; a longer line is searched in windows of this size. */
const maxLine = 4096

/** Returns the number of line breaks. */
export function countLines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++
  return count
}

export function lineStart(text: string, at: number): number {
  const from = Math.max(0, at - maxLine)
  return from + text.slice(from, at).lastIndexOf('\n') + 1
}

export function lineEnd(text: string, at: number): number {
  const end = text.slice(at, at + maxLine).indexOf('\n')
  return end < 0 ? Math.min(text.length, at + maxLine) : at + end
}
