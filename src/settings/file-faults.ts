import { type CST, type ErrorCode, type LineCounter, Parser } from 'yaml'

/** The file has one line for each of some thirty settings, and comments. */
const maxKeys = 200

const scalars = ['scalar', 'single-quoted-scalar', 'double-quoted-scalar', 'block-scalar']

type Fault = { offset: number; fault: string }

const example = 'expected lines such as "vault: kv-shop"'

/**
 * Returns what makes the text anything but one flat mapping, before its nodes are composed, which takes time and stack for
 * nested text. Fills `lines`.
 */
export function yamlShapeFault(text: string, lines: LineCounter): Fault | undefined {
  const documents = [...new Parser(lines.addNewLine).parse(text)].filter(isDocument)
  const [first, second] = documents
  if (second) return { offset: second.offset, fault: 'a second YAML document' }
  const contents = first?.value
  if (!contents) return undefined
  if (contents.type !== 'block-map' && contents.type !== 'flow-collection')
    return { offset: contents.offset, fault: `not a list of settings; ${example}` }
  if (contents.type === 'flow-collection' && contents.start.source === '[')
    return { offset: contents.offset, fault: `a YAML sequence; ${example}` }
  if (contents.items.length > maxKeys)
    return { offset: contents.offset, fault: `more than ${maxKeys} settings; ${example}` }
  for (const { key, value } of contents.items)
    for (const token of [key, value])
      if (token && !scalars.includes(token.type)) return { offset: token.offset, fault: valueFault(token) }
  return undefined
}

const valueFault = ({ type }: CST.Token) =>
  type === 'alias' ? 'an alias; write the value instead' : `nested; ${example}`

const isDocument = (token: CST.Token): token is CST.Document => token.type === 'document'

const faults: Partial<Record<ErrorCode, string>> = {
  DUPLICATE_KEY: 'the setting occurs twice',
  MISSING_CHAR: 'a character is missing, such as a quote, a colon or a bracket',
  TAB_AS_INDENT: 'a tab as indentation; use spaces',
  TAG_RESOLVE_FAILED: 'an unknown YAML tag',
}

/** Describes an error of the YAML library, whose messages quote the text. */
export const yamlFault = (code: ErrorCode): string => faults[code] ?? `not valid YAML (${code})`
