const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const escapeXml = (text: string) =>
  text.replace(
    /[&<>"]/g,
    (char) => `&${char === '&' ? 'amp' : char === '<' ? 'lt' : char === '>' ? 'gt' : 'quot'};`,
  )

const unescapeXml = (text: string) =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (all, hex, decimal, name) =>
    name ? (entities[name] ?? all) : String.fromCodePoint(Number.parseInt(hex ?? decimal, hex ? 16 : 10)),
  )

/** Text, escaped when it is written; or elements, which are XML already. */
export type XmlContent = string | number | boolean | Xml[]

/** An XML element as text. */
export interface Xml {
  xml: string
}

/** Returns an element. `undefined` as its content makes it empty. */
export function element(
  name: string,
  content?: XmlContent,
  attributes: Record<string, string | undefined> = {},
): Xml {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeXml(value!)}"`)
    .join('')
  const inner = Array.isArray(content)
    ? content.map(({ xml }) => xml).join('')
    : content === undefined
      ? ''
      : escapeXml(String(content))
  return { xml: inner === '' ? `<${name}${written} />` : `<${name}${written}>${inner}</${name}>` }
}

/** Returns a document, with the byte order mark that Storage writes. */
export const xmlDocument = (root: Xml) => `\uFEFF<?xml version="1.0" encoding="utf-8"?>${root.xml}`

/** Returns the content of the first element of the name, unescaped; `undefined` if there is none. */
export function textOf(xml: string, name: string): string | undefined {
  const match = new RegExp(`<${name}(?:\\s[^>]*)?(?:/>|>([\\s\\S]*?)</${name}>)`).exec(xml)
  return match ? unescapeXml(match[1] ?? '') : undefined
}

/** Returns the elements in the first element of the name, as XML. */
export const childrenOf = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`).exec(xml)?.[1]
