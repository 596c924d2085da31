import type { CallerClaims } from '../entra/access-tokens.ts'
import type { Call } from '../http.ts'
import type { Route, RouteMatch } from '../router.ts'
import type { Simulator } from '../simulator.ts'

/** A request that passed the checks common to all resources. */
export interface ArmRequest {
  call: Call
  simulator: Simulator
  caller: CallerClaims
  /** Parameters of the path, in the caller's case. */
  params: Record<string, string>
  /** The path as a resource ID, in the caller's case. */
  id: string
  /** The `api-version`. */
  version: string
}

/** An operation of Resource Manager or a provider. `:scope*` at the start of a path matches any scope, or none. */
export interface ArmRoute extends Route<ArmRequest> {
  /** The permission that the caller needs (default: derived from the path); `none` admits any caller of the tenant. */
  action?: string | ((params: Record<string, string>) => string)
  /** Requires the permission on the subscription, regardless of the path. */
  onSubscription?: true
}

type Match = Extract<RouteMatch<ArmRoute>, { route: ArmRoute }>

const verbs: Record<string, string> = {
  GET: 'read',
  HEAD: 'read',
  PUT: 'write',
  PATCH: 'write',
  DELETE: 'delete',
  POST: 'action',
}

/** Returns the permission of a route: `Microsoft.KeyVault/vaults/write` for a PUT of `…/Microsoft.KeyVault/vaults/:vault`. */
export function actionFor({ route, params }: Match): string {
  if (typeof route.action === 'function') return route.action(params)
  if (route.action) return route.action
  const type = route.path
    .split('/providers/')
    .at(-1)!
    .split('/')
    .filter((part) => !part.startsWith(':'))
  return [...type, verbs[route.method]].join('/')
}

/** Returns the scope of the permission: for a list or an action, the resource that it is called on. */
export function checkedScope(route: ArmRoute, path: string): string {
  if (route.onSubscription) return path.split('/').slice(0, 3).join('/')
  const endsInName = /\/:\w+$/.test(route.path)
  return endsInName ? path : path.slice(0, path.lastIndexOf('/')) || '/'
}
