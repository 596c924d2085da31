import { readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { realPath } from './real-path.ts'

const name = 'wi-setup'

const isPackageOf = (folder: string): boolean => {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name === name
  } catch {
    return false
  }
}

/** Returns what npx runs by our name in this folder: the next node_modules/.bin upwards, or the package itself. */
function npxTarget(folder: string): string | undefined {
  const installed = realPath(join(folder, 'node_modules', '.bin', name))
  if (installed !== undefined) return installed
  if (isPackageOf(folder)) return realPath(join(folder, 'bin', `${name}.js`))
  return dirname(folder) === folder ? undefined : npxTarget(dirname(folder))
}

const onPath = (path: string | undefined, program: string): string | undefined =>
  (path ?? '')
    .split(delimiter)
    .map((folder) => realPath(join(folder || '.', program)))
    .find((each) => each !== undefined)

/**
 * Returns the words that start this program again from the same folder: its name if the shell finds it, `npx` if that
 * runs this very package and doesn't ask a registry, else its path.
 */
export function programWords({
  script,
  node,
  env,
  cwd,
}: {
  script: string
  node: string
  env: Record<string, string | undefined>
  cwd: string
}): string[] {
  const own = realPath(script)
  if (own === undefined) return [name]
  // npx puts node_modules/.bin folders on the PATH of what it starts, and the user's shell doesn't have them.
  const isNpx = env.npm_command === 'exec'
  if (!isNpx && onPath(env.PATH, name) === own) return [name]
  if (npxTarget(cwd) === own) return ['npx', name]
  return [onPath(env.PATH, 'node') === realPath(node) && !isNpx ? 'node' : node, own]
}
