import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'

/** A package of which the bundle contains code. */
export interface BundledPackage {
  name: string
  version: string
  license: string
  author: string | undefined
  /** The package's folder. */
  folder: string
  /** The hash of its archive in package-lock.json, for example `sha512-…`. */
  integrity: string
  /** `name@version` of the bundled packages that its code imports. */
  imports: string[]
}

interface Manifest {
  name: string
  version: string
  license?: string
  author?: string | { name: string }
}

const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T

/** Returns the folder of the package that contains the file; undefined for our own files. */
function packageFolder(file: string): string | undefined {
  const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file) ?? []
  return folder
}

const idOf = ({ name, version }: Pick<Manifest, 'name' | 'version'>) => `${name}@${version}`

/** Returns the packages in the bundle, sorted by name and version. */
export function bundledPackages({ inputs, outputs }: Metafile, root: string): BundledPackage[] {
  const bundled = new Set(
    Object.values(outputs).flatMap((output) =>
      Object.entries(output.inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput ? [file] : [])),
    ),
  )
  const folders = new Set([...bundled].map(packageFolder).filter((folder) => folder !== undefined))
  const manifests = new Map(
    [...folders].map((folder) => [folder, readJson<Manifest>(join(root, folder, 'package.json'))]),
  )
  const lock = readJson<{ packages: Record<string, { integrity?: string }> }>(join(root, 'package-lock.json'))
  const packages = new Map<string, BundledPackage>()
  for (const [folder, { name, version, license, author }] of manifests) {
    const id = idOf({ name, version })
    const { integrity } = lock.packages[folder.slice(folder.indexOf('node_modules/'))] ?? {}
    if (!integrity) throw new Error(`${id} is in the bundle, but package-lock.json has no hash for ${folder}`)
    const imports = [...bundled]
      .filter((file) => packageFolder(file) === folder)
      .flatMap((file) => inputs[file]?.imports ?? [])
      .map(({ path }) => manifests.get(packageFolder(path) ?? ''))
      .filter((manifest) => manifest !== undefined)
      .map(idOf)
    packages.set(id, {
      name,
      version,
      license: license ?? '(none)',
      author: typeof author === 'object' ? author.name : author,
      folder: join(root, folder),
      integrity,
      imports: [...new Set([...imports, ...(packages.get(id)?.imports ?? [])])]
        .filter((each) => each !== id)
        .sort(),
    })
  }
  return [...packages].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each)
}
