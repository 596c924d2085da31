import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Returns the path of a file of the package. Its folder is two up from here and one up from dist/. */
export const packageFile = (name: string): string =>
  fileURLToPath(new URL(`${import.meta.url.endsWith('.ts') ? '../..' : '..'}/${name}`, import.meta.url))

/** Returns the version of wi-setup. */
export const version = (): string =>
  (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }).version
