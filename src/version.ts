import { readFileSync } from 'node:fs'

/** Of this program. `package.json` stands one folder up, from src/ as from dist/. */
export const version = (): string =>
  (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string })
    .version
