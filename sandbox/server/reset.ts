import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessNames } from './claims.ts'
import { acquireOrJoin } from './folder-lock.ts'
import { createPrivateFolder, reportingPath } from './private-files.ts'

/** Everything that a sandbox writes to its folder; the lock comes last, by its own release. */
const names = [
  'running.json',
  'state.json',
  'world.json',
  'journal.jsonl',
  'key',
  'ca.pem',
  'ca-key.pem',
  'control-token',
  'kubeconfig',
  'azure-cli',
  'pods',
  'guests',
]

/** Removes what a process that was killed left half-written. The caller has the lock. */
export function removeDrafts(dir: string): void {
  for (const name of readdirSync(dir)) if (/\.\d+\.tmp$/.test(name)) remove(dir, name)
}

const remove = (dir: string, name: string) => {
  const path = join(dir, name)
  reportingPath(path, () => rmSync(path, { recursive: true, force: true }))
}

/**
 * Deletes everything in the sandbox folder, damaged or not. Returns `running`, and deletes nothing, while the sandbox
 * is served; throws `SandboxError` while another process has locked it.
 */
export async function resetSandbox(dir: string, processes: ProcessNames): Promise<'done' | 'running'> {
  createPrivateFolder(dir)
  const access = await acquireOrJoin(dir, processes)
  if (access.running) return 'running'
  try {
    for (const name of names) remove(dir, name)
    removeDrafts(dir)
  } finally {
    access.lock.release()
  }
  return 'done'
}
