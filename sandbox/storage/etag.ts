import { randomInt } from 'node:crypto'

/** Returns a new ETag without quotes, such as `0x8DE2F0A1B2C3D4E`: the time in .NET ticks, as in Azure. */
export function newEtag(ms: number): string {
  const ticks = 621_355_968_000_000_000n + BigInt(ms) * 10_000n + BigInt(randomInt(10_000))
  return `0x${ticks.toString(16).toUpperCase()}`
}
