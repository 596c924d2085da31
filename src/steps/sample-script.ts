import { readFileSync } from 'node:fs'

/** The sample's source for its ConfigMap; next to the bundle, or in the source tree during development. */
export const sampleScript = readFileSync(
  new URL(
    import.meta.url.endsWith('.ts') ? '../sample/vault-reader.mjs' : './vault-reader.mjs',
    import.meta.url,
  ),
  'utf8',
)
