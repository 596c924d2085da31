// Bundles the program into dist/: one entry, its lazily loaded chunks beside it, no dependencies left to install.
import { copyFileSync, rmSync } from 'node:fs'
import { build } from 'esbuild'

rmSync('dist', { recursive: true, force: true })
await build({
  entryPoints: { main: 'src/main.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  legalComments: 'linked',
  logLevel: 'warning',
})
copyFileSync('src/sample/vault-reader.mjs', 'dist/vault-reader.mjs')
