import type { Call } from '../http.ts'

const decode = (text: string) => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Returns the first segment of a path and the rest, decoded. Slashes in the rest are part of a name. */
export function splitPath({ url }: Call): { collection: string; item: string } {
  const [, collection = '', item = ''] = /^\/([^/]*)\/?(.*)$/s.exec(url.pathname) ?? []
  return { collection: decode(collection), item: decode(item) }
}
