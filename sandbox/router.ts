import type { Reply } from './http.ts'

/** One operation of a service. */
export interface Route<Request> {
  method: string
  /** `/secrets/:name/versions`. `:name` matches one segment; `:name*` matches any text, slashes and none included. */
  path: string
  handler: (request: Request) => Reply | Promise<Reply>
}

/** The route of a request with its decoded parameters, or the methods that its path has; none if the path is unknown. */
export type RouteMatch<R> = { route: R; params: Record<string, string> } | { allowed: string[] }

const compile = (path: string, caseSensitive: boolean) =>
  new RegExp(
    `^${path
      .replace(/[.()$]/g, '\\$&')
      .replace(/:(\w+)\*/g, '(?<$1>.*)')
      .replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`,
    caseSensitive ? '' : 'i',
  )

const decode = (text: string) => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Returns a function that finds the route of a method and a percent-encoded path. The first match wins. */
export function createRouter<R extends { method: string; path: string }>(
  routes: readonly R[],
  { caseSensitive = false }: { caseSensitive?: boolean } = {},
): (method: string, path: string) => RouteMatch<R> {
  const compiled = routes.map((route) => ({ route, pattern: compile(route.path, caseSensitive) }))
  return (method, path) => {
    const allowed = new Set<string>()
    for (const { route, pattern } of compiled) {
      const match = pattern.exec(path)
      if (!match) continue
      if (route.method !== method) {
        allowed.add(route.method)
        continue
      }
      const params = Object.entries(match.groups ?? {}).map(([name, value]) => [name, decode(value ?? '')])
      return { route, params: Object.fromEntries(params) }
    }
    return { allowed: [...allowed] }
  }
}
