import { dirname, join } from 'node:path'
import { build, type Plugin } from 'esbuild'

// The library does not say that its modules have no side effects; they have none (but for its polyfill, which Node.js does not need).
const pureKubernetes: Plugin = {
  name: 'pure-kubernetes',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, importer }) =>
      importer.includes(join('@kubernetes', 'client-node', 'dist'))
        ? { path: join(dirname(importer), path), sideEffects: false }
        : undefined,
    )
  },
}

/** Bundles the program in memory: one entry, its lazily loaded chunks beside it, no dependencies left to install. */
export const bundle = (root: string) =>
  build({
    absWorkingDir: root,
    write: false,
    metafile: true,
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
