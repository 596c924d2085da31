import { leave, processHost } from './base/host.ts'
import { removeLeftOverFolders } from './base/private-folder.ts'
import { main } from './cli.ts'

/** Runs the program with this process as its host, then exits. */
export async function run(): Promise<void> {
  const host = processHost()
  removeLeftOverFolders(host.env)
  leave(await main(host.argv, host))
}
