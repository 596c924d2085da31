import { parseSync } from 'oxc-parser'

type Node = Record<string, unknown> & { type: string; start: number }

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

/** Functions that take the constant text of a command. */
const builders = ['advice', 'command', 'shell']

/** Properties with text about commands: error messages, causes, and the examples of help. */
const prose = ['description', 'errorMessages', 'instead', 'what', 'why']

const kubectl =
  'annotate|apply|auth|config|create|debug|delete|describe|exec|get|kustomize|label|logs|patch|port-forward|replace|rollout|run|set|wait'
const helm = 'get|history|install|list|rollback|show|status|template|uninstall|upgrade'
const own = 'cluster|destroy|explain|federate|identity|permissions|plan|sample|sandbox|vault|verify|webhook'
const commandLine = `(?:npx [\\w@]|az [a-z]|kubectl (?:-|--|${kubectl})|helm (?:${helm})\\b|wi-setup (?:-|${own})\\b|(?:curl|kubelogin|nslookup|sudo|terraform) [\\w-])`
const startsCommand = new RegExp(`^\\s*${commandLine}`)
/** A command line within a sentence. */
const containsFlags = /\b(?:az|kubectl|helm|npx|wi-setup) [a-z][\w -]* --[a-z]/
const containsCommand = new RegExp(`(?:^|[\\s("\`'|&;:])${commandLine}`)

/** The constant parts of a string or a template; undefined for anything else. */
const textOf = (node: Node): { text: string; isConstant: boolean } | undefined => {
  if (node.type === 'Literal' && typeof node.value === 'string') return { text: node.value, isConstant: true }
  if (node.type !== 'TemplateLiteral') return undefined
  const quasis = node.quasis as { value: { cooked: string } }[]
  return { text: quasis.map(({ value }) => value.cooked).join(' '), isConstant: quasis.length === 1 }
}

const nameOf = (node: unknown) => (isNode(node) && node.type === 'Identifier' ? String(node.name) : '')

/** Whether the text inside this node is not a command line that is built here. */
function isExempt(node: Node): boolean {
  if (node.type === 'CallExpression') return builders.includes(nameOf(node.callee))
  return node.type === 'Property' && prose.includes(nameOf(node.key))
}

/** Returns the line of each command line in the file that is text: constant, or with values put into it. */
export function commandTexts(path: string, source: string): number[] {
  const found: number[] = []
  const visit = (node: Node, exempt: boolean) => {
    const part = textOf(node)
    if (part) {
      const isCommand = part.isConstant
        ? !exempt && (startsCommand.test(part.text) || containsFlags.test(part.text))
        : containsCommand.test(part.text)
      if (isCommand) found.push(source.slice(0, node.start).split('\n').length)
    }
    const inside = exempt || isExempt(node)
    for (const value of Object.values(node))
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, inside)
  }
  visit(parseSync(path, source).program as unknown as Node, false)
  return found
}
