import { readFileSync } from 'node:fs'

/** The example app's source, as it goes into the ConfigMap. Beside the bundle, or in the tree while developing. */
export const sampleScript = readFileSync(
  new URL(
    import.meta.url.endsWith('.ts') ? '../sample/vault-reader.mjs' : './vault-reader.mjs',
    import.meta.url,
  ),
  'utf8',
)
