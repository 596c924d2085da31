import { readFileSync } from 'node:fs'

/** The source of what `verify --in-cluster` runs in a pod. Beside the bundle, or in the tree while developing. */
export const proofScript = readFileSync(
  new URL(import.meta.url.endsWith('.ts') ? '../../sample/inside.mjs' : './inside.mjs', import.meta.url),
  'utf8',
)
