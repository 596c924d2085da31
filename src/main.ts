import { main } from './cli.ts'
import { leave, processWorld } from './world.ts'

/** The program as `bin/` starts it. */
export async function run(): Promise<void> {
  const world = processWorld()
  leave(await main(world.argv, world))
}
