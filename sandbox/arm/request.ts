import type { CallerClaims } from '../entra/access-tokens.ts'
import type { Call, Reply } from '../http.ts'
import type { Simulator } from '../simulator.ts'

/** A request that passed the checks that all resources share. */
export interface ArmRequest {
  call: Call
  simulator: Simulator
  caller: CallerClaims
  /** What stood in the places of the pattern, in the caller's case. */
  params: Record<string, string>
  /** The path as an ARM id, in the caller's case. */
  id: string
  version: string
}

/** One call that Resource Manager knows. */
export interface ArmRoute {
  method: string
  /** `/subscriptions/{subscription}/…`; `{scope}` in front stands for any scope, none included. */
  path: string
  /** The right that it needs; derived from the path unless given. `none`: any caller of the tenant. */
  action?: string | ((params: Record<string, string>) => string)
  /** Set when the right is to be held on the subscription, whatever the path. */
  onSubscription?: true
  handler: (ask: ArmRequest) => Reply | Promise<Reply>
}

interface Found {
  route: ArmRoute
  params: Record<string, string>
}

const patterns = new Map<string, RegExp>()

function pattern(path: string): RegExp {
  let found = patterns.get(path)
  if (!found) {
    const text = path
      .replace(/[.]/g, '\\.')
      .replace('{scope}', '(?<scope>.*)')
      .replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')
    found = new RegExp(`^${text}$`, 'i')
    patterns.set(path, found)
  }
  return found
}

const decode = (text: string) => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The route for this method and path, or the methods that the path does have. */
export function findRoute(routes: ArmRoute[], method: string, path: string): Found | { methods: string[] } {
  const methods: string[] = []
  for (const route of routes) {
    const match = pattern(route.path).exec(path)
    if (!match) continue
    if (route.method === method) {
      const entries = Object.entries(match.groups ?? {}).map(([name, value]) => [name, decode(value ?? '')])
      return { route, params: Object.fromEntries(entries) }
    }
    methods.push(route.method)
  }
  return { methods }
}

const verbs: Record<string, string> = {
  GET: 'read',
  HEAD: 'read',
  PUT: 'write',
  PATCH: 'write',
  DELETE: 'delete',
  POST: 'action',
}

/** `Microsoft.KeyVault/vaults/write` for a PUT of `…/providers/Microsoft.KeyVault/vaults/{vault}`. */
export function actionOf({ route, params }: Found): string {
  if (typeof route.action === 'function') return route.action(params)
  if (route.action) return route.action
  const type = route.path
    .split('/providers/')
    .at(-1)!
    .split('/')
    .filter((part) => !part.startsWith('{'))
  return [...type, verbs[route.method]].join('/')
}

/** What the right must be held on: for a list or a command, that which it is asked of. */
export function checkedScope(route: ArmRoute, path: string): string {
  if (route.onSubscription) return path.split('/').slice(0, 3).join('/')
  return route.path.endsWith('}') ? path : path.slice(0, path.lastIndexOf('/')) || '/'
}
