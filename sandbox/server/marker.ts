import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { controlToken } from './control-token.ts'

/** Written to the folder by the process that serves it. */
export interface RunningMarker {
  host: string
  arm: string
  control: string
  proxy: string
  /** Absent in the marker of an older version. */
  issuerHosts?: Record<string, string>
}

export const markerFile = (dir: string) => join(dir, 'running.json')

/** Returns the sandbox that runs on the folder, if it responds. A damaged marker is replaced at the next start. */
export async function runningSandbox(dir: string): Promise<RunningMarker | undefined> {
  const marker = readMarker(dir)
  const ca = textOf(join(dir, 'ca.pem'))
  if (!marker || !ca) return undefined
  return (await isServed(marker, ca, controlToken(dir))) ? marker : undefined
}

function readMarker(dir: string): RunningMarker | undefined {
  try {
    const marker = JSON.parse(textOf(markerFile(dir)) ?? '') as Partial<RunningMarker> | null
    const { host, arm, control, proxy } = marker ?? {}
    if ([host, arm, control, proxy].some((each) => typeof each !== 'string')) return undefined
    return URL.canParse(control!) ? (marker as RunningMarker) : undefined
  } catch {
    return undefined
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The certificate shows that it is this folder's sandbox, even if the token was lost. */
const isServed = (marker: RunningMarker, ca: string, token: string | undefined) =>
  new Promise<boolean>((resolve) => {
    const url = new URL(`${marker.control}/status`)
    const options = {
      host: ['0.0.0.0', '::'].includes(marker.host) ? '127.0.0.1' : marker.host,
      port: url.port,
      path: url.pathname,
      headers: { host: url.host, ...(token && { authorization: `Bearer ${token}` }) },
      servername: 'localhost',
      ca,
      timeout: 2000,
    }
    try {
      const probe = request(options, (response) => {
        response.resume()
        resolve([200, 401].includes(response.statusCode!))
      })
      probe.on('error', () => resolve(false))
      probe.on('timeout', () => probe.destroy())
      probe.end()
    } catch {
      // A damaged certificate.
      resolve(false)
    }
  })
