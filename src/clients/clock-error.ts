import { connect } from 'node:tls'
import type { PipelineRequest } from '@azure/core-rest-pipeline'
import { contextTrusting, isLoopback, loopbackLookup } from './loopback.ts'

const minute = 60_000
const timeout = 5_000

const dateCodes = new Set(['CERT_NOT_YET_VALID', 'CERT_HAS_EXPIRED'])

/** Returns whether a certificate's dates don't include this machine's time. */
export const isDateError = (code: string | undefined): boolean => code !== undefined && dateCodes.has(code)

/** Returns a duration as in `2 hours`, rounded down. */
export function durationText(ms: number): string {
  const units: [name: string, ms: number][] = [
    ['day', 1440 * minute],
    ['hour', 60 * minute],
    ['minute', minute],
  ]
  const [name, unit] = units.find(([, size]) => ms >= 2 * size) ?? units.at(-1)!
  const count = Math.floor(ms / unit)
  return `${count} ${name}${count === 1 ? '' : 's'}`
}

const dateText = (time: number) => `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** Returns what a certificate that is not valid at `now` says about this machine's clock. */
export function clockText({ from, to }: { from: number; to: number }, now = Date.now()): string | undefined {
  const isBehind = now < from
  if (!isBehind && now <= to) return undefined
  const period = isBehind ? `is valid only from ${dateText(from)}` : `was valid only until ${dateText(to)}`
  const difference = `${durationText(isBehind ? from - now : now - to)} ${isBehind ? 'behind' : 'ahead'}`
  return `its certificate ${period}, and this machine's clock says ${dateText(now)}: the clock is probably at least ${difference}`
}

/** Returns the text for a request whose server has a certificate with other dates; undefined if it is not readable. */
export async function clockErrorText(
  { url }: PipelineRequest,
  ca: string | undefined,
): Promise<string | undefined> {
  const { hostname, port } = new URL(url)
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const socket = connect({
    host: hostname,
    port: Number(port || 443),
    servername: hostname,
    ...loopbackLookup(hostname),
    ...(ca && isLoopback(hostname) ? { secureContext: contextTrusting(ca) } : {}),
  })
  socket.setTimeout(timeout, () => socket.destroy())
  // Node.js verifies the certificate in its own listener, and then destroys the connection with the certificate.
  socket.prependListener('secure', () => {
    const { valid_from: from, valid_to: to } = socket.getPeerCertificate()
    resolve(clockText({ from: Date.parse(from), to: Date.parse(to) }))
  })
  socket.on('secureConnect', () => socket.destroy())
  socket.on('error', () => resolve(undefined))
  socket.on('close', () => resolve(undefined))
  return promise
}
