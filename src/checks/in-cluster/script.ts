import { readFileSync } from 'node:fs'

/** Source of the script that `verify --in-cluster` runs in a pod. It lies next to the bundle, or in `src/sample` when run from source. */
export const proofScript = readFileSync(
  new URL(import.meta.url.endsWith('.ts') ? '../../sample/inside.mjs' : './inside.mjs', import.meta.url),
  'utf8',
)
