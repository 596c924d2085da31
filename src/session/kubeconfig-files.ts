import { readFileSync, statSync } from 'node:fs'
import { dirname, isAbsolute, resolve, sep } from 'node:path'
import { parseAllDocuments, visit } from 'yaml'
import { readLimits } from '../base/read-limits.ts'
import { realPath } from '../base/real-path.ts'

/** The longest path of Linux. Longer texts are certificates and tokens. */
const maxPathLength = 4096

/**
 * Returns all texts of the kubeconfig, under whichever key; undefined if it isn't YAML. Anchors and merge keys can't
 * hide one, and neither can a field that is new in Kubernetes.
 */
function textsIn(yaml: string): string[] | undefined {
  const texts: string[] = []
  for (const document of parseAllDocuments(yaml)) {
    if (document.errors.length) return undefined
    visit(document, {
      Scalar(_, { value }) {
        if (typeof value === 'string') texts.push(value)
      },
    })
  }
  return texts
}

/** Returns the text and its words: `--config=./login.conf` and `sh -c "./login.sh 1"` name files, too. */
const wordsOf = (text: string) => [text, ...text.split(/[\s=,:;"'`()|&<>]+/)]

/**
 * Returns the files and folders that the kubeconfig at `path` names, for a sign-in program, its arguments and
 * environment, certificates, keys and tokens: those with a relative path, and those in `folder` or the kubeconfig's own
 * folder. Programs on the PATH and absolute paths elsewhere are not part of what was written with the kubeconfig.
 * Undefined if it can't be read.
 */
export function filesNamedBy(
  path: string,
  { folder, cwd }: { folder: string; cwd: string },
): string[] | undefined {
  const status = statSync(path, { throwIfNoEntry: false })
  if (!status) return []
  if (!status.isFile() || status.size > readLimits.configFile) return undefined
  const texts = textsIn(readFileSync(path, 'utf8'))
  // A program starts in the current folder, and its own path is relative to the kubeconfig.
  const bases = [dirname(path), cwd]
  const roots = [folder, dirname(path), realPath(folder), realPath(dirname(path))]
  const isBelow = (at: string) => roots.some((root) => root !== undefined && at.startsWith(`${root}${sep}`))
  const found = new Set<string>()
  for (const word of new Set(texts?.flatMap(wordsOf))) {
    if (word === '' || word.length > maxPathLength || word.includes('\0')) continue
    const candidates = isAbsolute(word) ? [word].filter(isBelow) : bases.map((base) => resolve(base, word))
    for (const each of candidates) {
      const kind = kindOf(each)
      // A word without a slash may be the name of a context, and a folder's.
      if (kind === 'file' || (kind === 'folder' && /[\\/]/.test(word) && isBelow(each))) found.add(each)
    }
  }
  return texts && [...found].sort()
}

function kindOf(path: string): 'file' | 'folder' | undefined {
  try {
    const status = statSync(path)
    return status.isDirectory() ? 'folder' : 'file'
  } catch {
    // It doesn't exist, or the word is no path.
    return undefined
  }
}
