/** How many signs have to be added, left out or changed to make one of the other. */
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

/** The names most like this one, at most four, the likest first; none if nothing is alike. */
export function nearest(name: string, names: readonly string[]): string[] {
  const low = name.toLowerCase()
  const most = Math.max(1, Math.floor(name.length / 4))
  const unlike = (each: string) => Math.abs(each.length - name.length)
  return [...new Set(names)]
    .map((each) => ({ each, far: distance(low, each.toLowerCase()) }))
    .filter(({ far }) => far <= most)
    .toSorted((a, b) => a.far - b.far || unlike(a.each) - unlike(b.each))
    .slice(0, 4)
    .map(({ each }) => each)
}
