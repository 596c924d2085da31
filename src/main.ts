import { leave, processHost } from './base/host.ts'
import { main } from './cli.ts'

/** Runs the program with this process as its host, then exits. */
export async function run(): Promise<void> {
  const host = processHost()
  leave(await main(host.argv, host))
}
