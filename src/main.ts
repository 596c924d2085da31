import { leave, processHost } from './base/host.ts'
import { main } from './cli.ts'

/** The program as `bin/` starts it. */
export async function run(): Promise<void> {
  const world = processHost()
  leave(await main(world.argv, world))
}
