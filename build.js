// Bundles the program into dist/: one entry, its lazily loaded chunks beside it, no dependencies left to install.
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'

// The library does not say that its modules have no side effects; they have none (but for its polyfill, which Node.js does not need).
const pureKubernetes = {
  name: 'pure-kubernetes',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, importer }) =>
      importer.includes(join('@kubernetes', 'client-node', 'dist'))
        ? { path: join(dirname(importer), path), sideEffects: false }
        : undefined,
    )
  },
}

const { outputFiles } = await build({
  write: false,
  entryPoints: { main: 'src/main.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  mainFields: ['module', 'main'],
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  legalComments: 'linked',
  logLevel: 'warning',
  plugins: [pureKubernetes],
})
// Only a build that went well takes the place of the last one.
rmSync('dist', { recursive: true, force: true })
mkdirSync('dist')
for (const { path, contents } of outputFiles) writeFileSync(path, contents)
for (const name of ['vault-reader.mjs', 'key-vault.mjs', 'api.mjs', 'inside.mjs'])
  copyFileSync(`src/sample/${name}`, `dist/${name}`)
