import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild'

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

const options = (root: string) =>
  ({
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
  }) satisfies BuildOptions

/** Returns the modules of `src/` that the entry loads at once. */
function loadedAtStart({ inputs }: Metafile): Set<string> {
  const found = new Set(['src/main.ts'])
  for (const path of found)
    for (const { path: imported, kind } of inputs[path]!.imports)
      if (kind === 'import-statement' && imported.startsWith('src/')) found.add(imported)
  return found
}

/**
 * Puts what is loaded at the start into one chunk. esbuild makes a chunk of the modules that the same entries reach, so
 * each module that is loaded later imports all that was loaded at the start. Without this the start reads two dozen files.
 */
const oneChunkAtStart = (root: string, metafile: Metafile): Plugin => ({
  name: 'one-chunk-at-start',
  setup({ onLoad, onResolve }) {
    const atStart = loadedAtStart(metafile)
    const later = new Set(
      Object.values(metafile.inputs).flatMap(({ imports }) =>
        imports
          .filter(
            ({ kind, path }) => kind === 'dynamic-import' && path.startsWith('src/') && !atStart.has(path),
          )
          .map(({ path }) => join(root, path)),
      ),
    )
    onResolve({ filter: /^start:all$/ }, () => ({ path: 'all', namespace: 'start' }))
    onLoad({ filter: /./, namespace: 'start' }, () => ({
      contents: [...atStart].map((path) => `import ${JSON.stringify(join(root, path))}`).join('\n'),
      resolveDir: root,
    }))
    onLoad({ filter: /\.ts$/ }, ({ path }) =>
      later.has(path)
        ? { contents: `import 'start:all'\n${readFileSync(path, 'utf8')}`, loader: 'ts' }
        : undefined,
    )
  },
})

/** Bundles the program in memory: one entry, its lazily loaded chunks beside it, no dependencies left to install. */
export async function bundle(root: string) {
  const { metafile } = await build(options(root))
  return build({ ...options(root), plugins: [pureKubernetes, oneChunkAtStart(root, metafile)] })
}
