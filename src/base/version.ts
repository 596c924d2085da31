import { readFileSync } from 'node:fs'

/** Returns the version of wi-setup. `package.json` is two folders up from here and one up from dist/. */
export const version = (): string =>
  (
    JSON.parse(
      readFileSync(
        new URL(import.meta.url.endsWith('.ts') ? '../../package.json' : '../package.json', import.meta.url),
        'utf8',
      ),
    ) as { version: string }
  ).version
