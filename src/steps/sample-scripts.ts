import { readFileSync } from 'node:fs'

const folder = import.meta.url.endsWith('.ts') ? '../sample/' : './'

/** The sample's files for its ConfigMap; next to the bundle, or in the source tree during development. */
export const sampleScripts = Object.fromEntries(
  ['vault-reader.mjs', 'key-vault.mjs', 'api.mjs'].map((name) => [
    name,
    readFileSync(new URL(`${folder}${name}`, import.meta.url), 'utf8'),
  ]),
)
