/** A character that a part of a pattern matches. */
function memberOf(atom: string): string {
  if (atom.startsWith('[^') || atom === '.' || atom === '\\S') return 'a'
  if (atom.length > 1 && atom.startsWith('[')) return memberOf(/^\[(\\.|.)/s.exec(atom)![1]!)
  if (atom === '\\s') return ' '
  if (/^\\[dwW]$/.test(atom)) return '0'
  if (/^\\[bBpk]$/.test(atom)) return ''
  if (atom === '\\n') return '\n'
  return atom.replace(/^\\/, '')
}

const atoms = /\(\?(?:<\w+>|[:=!]|<[=!])|\\.|\[(?:\\.|[^\]\\])*\]|\{\d+(?:,\d*)?\}|[()|^$*+?]|[^\\]/gs

/**
 * Returns texts that a pattern almost matches as often as possible, for each of its repetitions: what leads to it over
 * and over, and its character over and over.
 */
export function hostileTexts({ source }: RegExp): ((size: number) => string)[] {
  const texts = new Set<string>()
  const runs = new Map<string, string>()
  const record = (start: string, last: string) => {
    if (!start || !last) return
    texts.add(start)
    if (!runs.has(last)) runs.set(last, start)
  }
  let start = ''
  let last = ''
  for (const [atom] of source.matchAll(atoms))
    if (/^(?:[*+]|\{\d+,\d*\})$/.test(atom)) record(start, last)
    else if (atom === '|') {
      record(start, last)
      start = ''
    } else if (!/^(?:\(.*|[)^$?]|\{\d+\})$/s.test(atom)) {
      last = memberOf(atom)
      start += last
    }
  record(start, last)
  const repeated = (text: string, size: number) => text.repeat(Math.ceil(size / text.length)).slice(0, size)
  return [
    ...[...texts].map((text) => (size: number) => repeated(text, size)),
    ...[...runs].map(
      ([text, before]) =>
        (size: number) =>
          before + repeated(text, size),
    ),
  ]
}
