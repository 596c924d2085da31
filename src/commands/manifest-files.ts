import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { Host } from '../base/host.ts'
import { quoted } from '../base/shell.ts'
import { UsageError } from '../base/usage-error.ts'

export interface Given {
  file: string
  text: string
  /** One of the files of a folder, where others may lie. */
  among: boolean
}

/** The texts of files, of the YAML and JSON files of folders (not of folders in them), and of the standard input. */
export async function manifestTexts(world: Host, paths: readonly string[]): Promise<Given[]> {
  const texts: Given[] = []
  for (const file of paths)
    if (file === '-') texts.push({ file: 'stdin', text: decoded(await buffer(world.stdin)), among: false })
    else
      for (const each of filesOf(world.cwd, file))
        texts.push({
          file: each,
          text: decoded(reading(file, () => readFileSync(resolve(world.cwd, each)))),
          among: each !== file,
        })
  return texts
}

/** UTF-8, or the UTF-16 that PowerShell writes. */
const decoded = (bytes: Buffer): string =>
  new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8').decode(bytes)

function reading<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new UsageError(
      `--manifest ${JSON.stringify(path)} cannot be read: ${(error as NodeJS.ErrnoException).code}`,
    )
  }
}

/** Files that say that the others in the folder are not what a cluster is given. */
const renderers: Record<string, (path: string) => string> = {
  'kustomization.yaml': (path) => `kubectl kustomize ${path}`,
  'kustomization.yml': (path) => `kubectl kustomize ${path}`,
  Kustomization: (path) => `kubectl kustomize ${path}`,
  'Chart.yaml': (path) => `helm template ${path}`,
}

function filesOf(cwd: string, path: string): string[] {
  if (!reading(path, () => statSync(resolve(cwd, path)).isDirectory())) return [path]
  const all = reading(path, () => readdirSync(resolve(cwd, path))).sort()
  const renderer = all.find((name) => name in renderers)
  if (renderer !== undefined)
    throw new UsageError(
      `--manifest ${JSON.stringify(path)} has a ${renderer}; render it first: ${renderers[renderer]!(quoted(path))} | npx wi-setup verify -f -`,
    )
  const files = all.filter((name) => /\.(ya?ml|json)$/.test(name)).map((name) => join(path, name))
  if (!files.length)
    throw new UsageError(`--manifest ${JSON.stringify(path)} holds no .yaml, .yml or .json file`)
  return files
}
