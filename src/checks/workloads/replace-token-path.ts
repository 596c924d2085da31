/** Folder of the token in webhooks before 1.6.0. The current folder may change again. */
export const oldTokenFolder = '/var/run/secrets/azure/tokens'
/** Folder of the token in the first webhooks. */
export const firstTokenFolder = '/var/run/secrets/tokens'
const newTokenFolder = '/var/run/secrets/azure/wi/token'
export const newTokenPath = `${newTokenFolder}/azure-identity-token`
const variable = 'AZURE_FEDERATED_TOKEN_FILE'

/**
 * The folder, and the token file in it: nothing that follows in a script belongs to them. The first folder also has
 * tokens of other systems, such as Istio's.
 */
const oldPath =
  /\/var\/run\/secrets\/(?:azure\/tokens(?![\w-])|tokens(?=\/azure-identity-token(?![\w-])))(?<file>\/azure-identity-token(?![\w-]))?/g

export const hasOldPath = (value: unknown): value is string =>
  typeof value === 'string' && value.search(oldPath) >= 0

/** Returns the text with the current path in place of the old one. */
export const withNewPath = (text: string): string =>
  text.replaceAll(oldPath, (_, file = '') => `${newTokenFolder}${file}`)

/**
 * Returns an entry of `command` or `args` that reads the token's path from the environment where Kubernetes or a shell
 * expands it, and has the current path elsewhere. PowerShell's variables are not those of the environment.
 */
export const withVariable = (text: string, isPowerShell = false): string =>
  text.replaceAll(oldPath, (_, file: string | undefined, index: number) => {
    if (file === undefined) return newTokenFolder
    const before = text.slice(0, index)
    if (!isInReference(before)) return `$(${variable})`
    return isPowerShell || isInSingleQuotes(before) ? `${newTokenFolder}${file}` : `$${variable}`
  })

/**
 * Whether Kubernetes takes what follows as part of an open `$(`, such as a shell's `$(cat …)`, in which it expands
 * nothing (k8s.io/kubernetes/third_party/forked/golang/expansion).
 */
function isInReference(before: string): boolean {
  for (let at = 0; at < before.length; at++) {
    if (before[at] !== '$') continue
    if (before[at + 1] === '(') {
      const end = before.indexOf(')', at)
      if (end < 0) return true
      at = end
    } else at++
  }
  return false
}

const startsWord = (text: string, at: number) => at === 0 || /[\s;&|()]/.test(text[at - 1]!)

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

/** Whether a shell takes what follows literally. Each `$(…)` has quotes of its own. */
function isInSingleQuotes(before: string): boolean {
  const outer: string[] = []
  let quote = ''
  for (let at = 0; at < before.length; at++) {
    const each = before[at]!
    if (quote === "'") quote = each === "'" ? '' : quote
    else if (each === '\\') at++
    else if (each === '#' && quote === '' && startsWord(before, at)) at = endOfLine(before, at)
    else if (each === '$' && before[at + 1] === '(') {
      outer.push(quote)
      quote = ''
      at++
    } else if (each === ')' && quote === '' && outer.length) quote = outer.pop()!
    else if (each === quote) quote = ''
    else if (quote === '' && (each === "'" || each === '"')) quote = each
  }
  return quote === "'"
}
