import { existsSync, readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'

/** Written to the folder by the process that serves it. */
export interface RunningMarker {
  pid: number
  host: string
  arm: string
  control: string
  proxy: string
}

export const markerFile = (dir: string) => join(dir, 'running.json')

/** Returns the sandbox that runs on the folder, if it responds. */
export async function runningSandbox(dir: string): Promise<RunningMarker | undefined> {
  const path = markerFile(dir)
  if (!existsSync(path)) return undefined
  const marker = JSON.parse(readFileSync(path, 'utf8')) as RunningMarker
  return (await isServed(marker, readFileSync(join(dir, 'ca.pem'), 'utf8'))) ? marker : undefined
}

const isServed = (marker: RunningMarker, ca: string) =>
  new Promise<boolean>((resolve) => {
    const url = new URL(`${marker.control}/status`)
    const probe = request(
      {
        host: ['0.0.0.0', '::', undefined].includes(marker.host) ? '127.0.0.1' : marker.host,
        port: url.port,
        path: url.pathname,
        headers: { host: url.host },
        servername: 'localhost',
        ca,
        timeout: 2000,
      },
      (response) => {
        response.resume()
        resolve(response.statusCode === 200)
      },
    )
    probe.on('error', () => resolve(false))
    probe.on('timeout', () => probe.destroy())
    probe.end()
  })
