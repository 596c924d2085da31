import { existsSync, readFileSync } from 'node:fs'
import { journalFile } from './journal.ts'
import { runningSandbox } from './marker.ts'
import { readState } from './state-file.ts'

/** What a sandbox folder contains: counts only, no secrets. */
export interface SandboxStatus {
  running: boolean
  arm: string | undefined
  folder: string
  groups: number
  clusters: number
  identities: number
  applications: number
  vaults: number
  secrets: number
  requests: { reads: number; writes: number }
}

/** Returns whether the line is complete: a sandbox that was killed leaves half of one. */
const isEntry = (line: string) => line.startsWith('{') && line.endsWith('}')

/** Reads the status of a folder, whether its sandbox runs or not. */
export async function sandboxStatus(folder: string): Promise<SandboxStatus> {
  const running = existsSync(folder) ? await runningSandbox(folder) : undefined
  const state = readState(folder)
  const entries = journalText(folder).split('\n').filter(isEntry)
  const writes = entries.filter((line) => line.includes('"write":true')).length
  const count = (type: string) =>
    Object.values(state?.arm.resources ?? {}).filter(({ body }) => body.type.toLowerCase() === type).length
  return {
    running: running !== undefined,
    arm: running?.arm,
    folder,
    groups: Object.keys(state?.arm.groups ?? {}).length,
    clusters: Object.keys(state?.clusters ?? {}).length,
    identities: count('microsoft.managedidentity/userassignedidentities'),
    applications: Object.values(state?.directory.applications ?? {}).filter(
      ({ deletedAt }) => deletedAt === undefined,
    ).length,
    vaults: count('microsoft.keyvault/vaults'),
    secrets: Object.values(state?.vaults ?? {}).reduce(
      (sum, { secrets }) => sum + Object.keys(secrets).length,
      0,
    ),
    requests: { reads: entries.length - writes, writes },
  }
}

const plural = (count: number, noun: string) =>
  `${count} ${count === 1 ? noun : `${noun.replace(/y$/, 'ie')}s`}`

/** Returns the status as text for the terminal. */
export const statusText = (status: SandboxStatus) =>
  `${[
    ['sandbox', status.running ? `running at ${status.arm}` : 'not running'],
    ['folder', status.folder],
    [
      'contents',
      `${plural(status.groups, 'resource group')}, ${plural(status.clusters, 'cluster')}, ${plural(status.applications, 'application')},`,
    ],
    [
      '',
      `${plural(status.identities, 'managed identity')}, ${plural(status.vaults, 'vault')}, ${plural(status.secrets, 'secret')}`,
    ],
    ['requests', `${plural(status.requests.reads, 'read')}, ${plural(status.requests.writes, 'write')}`],
  ]
    .map(([name, value]) => `  ${name!.padEnd(9)} ${value}`)
    .join('\n')}\n`

/** Returns the journal as JSON lines: the members of `JournalEntry`, and `run`, the id of the serving process's run. */
export function journalText(folder: string): string {
  const path = journalFile(folder)
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}
