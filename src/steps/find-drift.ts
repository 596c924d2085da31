import type { Difference } from '../engine/step.ts'

const short = (value: unknown) => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '(none)')
  return text.length <= 60 ? text : undefined
}

/** Each field of `want` that the live object has otherwise; what it has beside them is left alone. `field` goes before the path. */
export function findDrift(field: string, want: unknown, live: unknown): Difference[] {
  if (typeof want !== 'object' || want === null) {
    if (want === live) return []
    const [is, should] = [short(live), short(want)]
    return [
      is !== undefined && should !== undefined
        ? { field, is, want: should }
        : { field, is: '(changed)', want: '(as made)' },
    ]
  }
  return Object.entries(want).flatMap(([key, value]) =>
    findDrift(`${field} ${key}`, value, (live as Record<string, unknown> | undefined)?.[key]),
  )
}
