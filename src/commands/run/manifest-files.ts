import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { kubectl, piped, program, type Script, wiSetup } from '../../base/command.ts'
import type { Host } from '../../base/host.ts'
import { readFileLimited, readLimited, TooLargeError } from '../../base/read-limited.ts'
import { readLimits } from '../../base/read-limits.ts'
import { UsageError } from '../../base/usage-error.ts'

export interface ManifestFile {
  file: string
  text: string
  /** True if it was found in a folder, which may also hold other YAML. */
  inFolder: boolean
}

/** Reads these files, the YAML and JSON files directly in these folders, and standard input for `-`. */
export async function readManifestFiles(
  { stdin, cwd }: Pick<Host, 'stdin' | 'cwd'>,
  paths: readonly string[],
): Promise<ManifestFile[]> {
  const files: ManifestFile[] = []
  // An empty path would be the current folder.
  if (paths.includes('')) throw new UsageError('--manifest "" is empty: pass a file, a folder or -')
  for (const path of paths)
    if (path === '-') {
      const bytes = await readOrUsageError(path, readLimited(stdin, readLimits.manifest))
      files.push({ file: 'stdin', text: decode(bytes), inFolder: false })
    } else
      for (const file of listFiles(cwd, path)) {
        const bytes = await readOrUsageError(path, readFileLimited(resolve(cwd, file), readLimits.manifest))
        files.push({ file, text: decode(bytes), inFolder: file !== path })
      }
  return files
}

/** Decodes UTF-8, or the UTF-16 that PowerShell writes. */
const decode = (bytes: Buffer): string =>
  new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8').decode(bytes)

function orUsageError<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UsageError(`--manifest ${JSON.stringify(path)} can't be read: ${code}`)
  }
}

const readOrUsageError = (path: string, bytes: Promise<Buffer>): Promise<Buffer> =>
  bytes.catch((error: NodeJS.ErrnoException) => {
    const fault = error instanceof TooLargeError ? error.message : `can't be read: ${error.code}`
    throw new UsageError(`--manifest ${JSON.stringify(path)} ${fault}`)
  })

/** Files that mark a folder of templates, with the command that renders it. */
const renderers: Record<string, (path: string) => Script> = {
  'kustomization.yaml': (path) => kubectl(['kustomize', '--', path]),
  'kustomization.yml': (path) => kubectl(['kustomize', '--', path]),
  Kustomization: (path) => kubectl(['kustomize', '--', path]),
  'Chart.yaml': (path) => program('helm', 'template', '--', path),
}

function listFiles(cwd: string, path: string): string[] {
  const folder = resolve(cwd, path)
  if (!orUsageError(path, () => statSync(folder).isDirectory())) return [path]
  const names = orUsageError(path, () => readdirSync(folder)).sort()
  const marker = names.find((name) => name in renderers)
  if (marker !== undefined)
    throw new UsageError(`--manifest ${JSON.stringify(path)} has a ${marker}; render it first:`, [
      piped(renderers[marker]!(path), wiSetup('verify', '-f', '-')),
    ])
  const files = names.filter((name) => /\.(ya?ml|json)$/.test(name)).map((name) => join(path, name))
  if (!files.length)
    throw new UsageError(`--manifest ${JSON.stringify(path)} has no .yaml, .yml or .json file`)
  return files
}
