const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Returns the milliseconds of `90s`, `5m` or `1h`; undefined for other text, or longer than a timer can run. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  if (amount === undefined) return undefined
  const ms = Number(amount) * units[unit!]!
  return ms > 2 ** 31 - 1 ? undefined : ms
}

/** Completes the error about a text that is not a duration. */
export const durationFault = 'is not a duration\n  for example 90s, 5m or 1h'
