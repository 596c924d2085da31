/** Returns the Levenshtein distance between two strings. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    row = next
  }
  return row[b.length]!
}

/** Returns up to four candidates within a quarter of the name's length in edits, closest first. */
export function closestMatches(name: string, candidates: readonly string[]): string[] {
  const lowerName = name.toLowerCase()
  const maxDistance = Math.max(1, Math.floor(name.length / 4))
  const lengthDifference = (candidate: string) => Math.abs(candidate.length - name.length)
  return [...new Set(candidates)]
    .map((candidate) => ({ candidate, edits: distance(lowerName, candidate.toLowerCase()) }))
    .filter(({ edits }) => edits <= maxDistance)
    .toSorted((a, b) => a.edits - b.edits || lengthDifference(a.candidate) - lengthDifference(b.candidate))
    .slice(0, 4)
    .map(({ candidate }) => candidate)
}
