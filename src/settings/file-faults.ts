import { type CST, type ErrorCode, type LineCounter, Parser } from 'yaml'

/** The file has one line for each of some thirty settings, and comments. */
const maxKeys = 200

/** Settings are not nested; deeper text than this takes time and stack to compose. */
const maxDepth = 10

type Fault = { offset: number; fault: string }

const example = 'expected lines such as "vault: kv-shop"'

/**
 * Returns what makes the text anything but a list of settings, or too deep or long to compose. Faults of a single setting
 * are left to the caller. Fills `lines`.
 */
export function yamlShapeFault(text: string, lines: LineCounter): Fault | undefined {
  const documents = [...new Parser(lines.addNewLine).parse(text)].filter(isDocument)
  const [first, second] = documents
  if (second) return { offset: second.offset, fault: 'a second YAML document' }
  const contents = first?.value
  if (!contents) return undefined
  const { offset } = contents
  if (contents.type === 'block-seq' || (contents.type === 'flow-collection' && contents.start.source === '['))
    return { offset, fault: `a YAML sequence; ${example}` }
  if (contents.type !== 'block-map' && contents.type !== 'flow-collection')
    return { offset, fault: `not a list of settings; ${example}` }
  if (contents.items.length > maxKeys) return { offset, fault: `more than ${maxKeys} settings; ${example}` }
  const deep = firstBelow(contents, maxDepth)
  return deep && { offset: deep.offset, fault: `nested; ${example}` }
}

/** Returns a token that is deeper than `depth`. Not recursive: the text may be deeper than the stack. */
function firstBelow(root: CST.Token, depth: number): CST.Token | undefined {
  const open: [token: CST.Token, depth: number][] = [[root, 0]]
  for (let next = open.pop(); next; next = open.pop()) {
    const [token, at] = next
    if (at > depth) return token
    if ('items' in token)
      for (const { key, value } of token.items)
        for (const child of [key, value]) if (child) open.push([child, at + 1])
  }
  return undefined
}

const isDocument = (token: CST.Token): token is CST.Document => token.type === 'document'

const faults: Partial<Record<ErrorCode, string>> = {
  BAD_ALIAS: 'an alias without its anchor; write the value instead',
  DUPLICATE_KEY: 'the setting occurs twice',
  MISSING_CHAR: 'a character is missing, such as a quote, a colon or a bracket',
  TAB_AS_INDENT: 'a tab as indentation; use spaces',
  TAG_RESOLVE_FAILED: 'an unknown YAML tag',
}

/** Describes an error of the YAML library, whose messages quote the text. */
export const yamlFault = (code: ErrorCode): string => faults[code] ?? `not valid YAML (${code})`
