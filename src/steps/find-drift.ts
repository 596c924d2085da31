import type { Difference } from '../engine/step.ts'

const short = (value: unknown) => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '(none)')
  return text.length <= 60 ? text : undefined
}

/** Returns the fields of `want` that differ in the live object, ignoring its other fields. `field` is the path's prefix. */
export function findDrift(field: string, want: unknown, live: unknown): Difference[] {
  if (typeof want !== 'object' || want === null) {
    if (want === live) return []
    const [is, should] = [short(live), short(want)]
    return [
      is !== undefined && should !== undefined
        ? { field, is, want: should }
        : { field, is: '(changed)', want: '(as created)' },
    ]
  }
  return Object.entries(want).flatMap(([key, value]) =>
    findDrift(`${field} ${key}`, value, (live as Record<string, unknown> | undefined)?.[key]),
  )
}
