/** Returns `2026-11-23T16:00:00.1230000Z`, as .NET services do. */
export const dotNetTimestamp = (ms: number) => new Date(ms).toISOString().replace('Z', '0000Z')

/** Returns `2026-11-23T16:00:00Z`. */
export const isoSeconds = (ms: number) => new Date(ms).toISOString().replace(/\.\d+/, '')

/** Returns `11/23/2026 3:22:00 PM`, in UTC. */
export const usTimestamp = (ms: number) =>
  new Date(ms)
    .toLocaleString('en-US', { timeZone: 'UTC', dateStyle: 'short', timeStyle: 'medium' })
    .replace(/\/(\d\d),/, '/20$1')
    .replace(/\s/g, ' ')
